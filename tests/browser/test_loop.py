"""The whole loop as three people walk it: a resident, a moderator, a reader."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import LETTER, reload_until


def write(page: Page, author: str, text: str) -> None:
    """Fill in the form that is on the page and send it."""
    page.get_by_label("Namn *").fill(author)
    page.get_by_label("Kommentar *").fill(text)
    page.get_by_role("button", name="Skicka").click()


def card(page: Page, text: str):
    """The comment with that text, at the desk or under a letter."""
    return page.get_by_role("article").filter(has_text=text).last


def answer(page: Page, text: str) -> None:
    """Answer officially on a comment's page at the desk."""
    page.get_by_label("Svara som *").select_option("Stadsdirektören, Lindhamns stad")
    page.get_by_label("Svar *").fill(text)
    page.get_by_role("button", name="Publicera svaret").click()
    expect(page.get_by_text("Svaret är publicerat")).to_be_visible()


def test_the_loop_closes_without_javascript(visitor, moderator):
    """A resident posts, a moderator approves and answers, a reader sees both: no script anywhere."""
    plain = {"java_script_enabled": False}
    resident = visitor(LETTER, **plain)
    write(resident, "En cyklist", "Får cykelvägen ljus i vinter?")
    expect(resident.get_by_role("heading", name="Tack!")).to_be_visible()
    resident.get_by_role("link", name="Din kommentars egen sida").click()
    expect(resident.get_by_role("heading", name="väntar på att läsas")).to_be_visible()

    desk = moderator(**plain)
    card(desk, "Får cykelvägen ljus").get_by_role("button", name="Godkänn").click()
    desk.get_by_role("link", name="Publicerade").click()
    card(desk, "Får cykelvägen ljus").get_by_role("link", name="Svara").click()
    answer(desk, "Ja, lamporna sätts upp i november.")

    reader = visitor(LETTER, **plain)
    reload_until(reader, lambda: reader.get_by_text("Ja, lamporna sätts upp").is_visible())
    expect(card(reader, "Ja, lamporna").get_by_text("Officiellt svar")).to_be_visible()
    resident.reload()
    expect(resident.get_by_role("heading", name="Din kommentar är publicerad")).to_be_visible()


def test_the_loop_closes_with_javascript(visitor, moderator):
    """The same in place: the receipt appears in the page, and an open page shows the comment by itself."""
    reader = visitor(LETTER, live=True)
    resident = visitor(LETTER)
    write(resident, "En båtägare", "Får vi ligga kvar i hamnen i vinter?")
    expect(resident.get_by_text("Tack! Din kommentar har kommit fram.")).to_be_visible()
    assert resident.url.endswith(LETTER)

    desk = moderator()
    card(desk, "ligga kvar i hamnen").get_by_role("button", name="Godkänn").click()
    expect(desk.locator("[data-done]")).to_be_visible()
    desk.get_by_role("link", name="Publicerade").click()
    card(desk, "ligga kvar i hamnen").get_by_role("link", name="Svara").click()
    answer(desk, "Ja, till den sista mars.")

    expect(reader.get_by_text("Ja, till den sista mars.")).to_be_visible()


def tab_to(page: Page, *, role: str, name: str) -> None:
    """Press Tab until the control has focus."""
    wanted = page.get_by_role(role, name=name).first  # type: ignore[arg-type]
    for _ in range(400):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never reached {role} {name}")


def test_the_loop_closes_with_the_keyboard_alone(visitor, moderator):
    """Neither resident nor moderator needs a mouse."""
    resident = visitor(LETTER)
    tab_to(resident, role="textbox", name="Namn *")
    resident.keyboard.type("En nattarbetare")
    tab_to(resident, role="textbox", name="Kommentar *")
    resident.keyboard.type("Kan biblioteket ha öppet på natten?")
    tab_to(resident, role="button", name="Skicka")
    resident.keyboard.press("Enter")
    expect(resident.get_by_text("Tack! Din kommentar har kommit fram.")).to_be_visible()

    desk = moderator()
    tab_to(desk, role="button", name="Godkänn kommentaren av En nattarbetare")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-done]")).to_contain_text("Kommentaren av En nattarbetare är nu publicerad.")
    desk.goto("/moderering/?visa=publicerade")
    tab_to(desk, role="link", name="Svara … En nattarbetare")
    desk.keyboard.press("Enter")
    tab_to(desk, role="textbox", name="Svar *")
    desk.keyboard.type("Vi provar i januari.")
    tab_to(desk, role="button", name="Publicera svaret")
    desk.keyboard.press("Enter")

    reader = visitor(LETTER, live=True)
    expect(reader.get_by_text("Vi provar i januari.")).to_be_visible()


def test_a_hidden_comment_leaves_the_page_and_keeps_its_answers(visitor, moderator):
    """What a moderator hides is gone from the page at once; an answer below it stays, under a placeholder."""
    resident = visitor(LETTER, java_script_enabled=False)
    write(resident, "En arg röst", "Det här ska döljas strax.")
    desk = moderator()
    card(desk, "Det här ska döljas").get_by_role("button", name="Godkänn").click()
    expect(desk.locator("[data-done]")).to_be_visible()
    desk.get_by_role("link", name="Publicerade").click()
    card(desk, "Det här ska döljas").get_by_role("link", name="Svara").click()
    answer(desk, "Tack för synpunkten, den tar vi med oss.")
    reader = visitor(LETTER, java_script_enabled=False)
    reload_until(reader, lambda: reader.get_by_text("den tar vi med oss").is_visible())

    desk.get_by_label("Skäl *").select_option("regel-1")
    desk.get_by_role("button", name="Dölj kommentaren").click()
    reload_until(reader, lambda: reader.get_by_text("Det här ska döljas").count() == 0)
    branch = reader.get_by_role("article").filter(has_text="den tar vi med oss").first
    expect(branch.get_by_text("har tagits bort av en moderator").first).to_be_visible()


def test_a_reply_without_javascript_goes_by_its_own_page(visitor, moderator):
    """The reply link leads to a form that quotes the comment; the reply lands beneath it."""
    resident = visitor(LETTER, java_script_enabled=False)
    card(resident, "Vi provade korta morgonmöten").get_by_role("link", name="Svara").click()
    expect(resident.get_by_text("Vi provade korta morgonmöten")).to_be_visible()
    write(resident, "En kollega", "Det vill vi också prova.")
    desk = moderator()
    card(desk, "Det vill vi också prova").get_by_role("button", name="Godkänn").click()
    expect(desk.locator("[data-done]")).to_be_visible()
    reader = visitor(LETTER, java_script_enabled=False)
    reload_until(reader, lambda: reader.get_by_text("Det vill vi också prova.").is_visible())
    branch = reader.get_by_role("article").filter(has_text="Vi provade korta morgonmöten").first
    expect(branch.get_by_text("Det vill vi också prova.")).to_be_visible()
