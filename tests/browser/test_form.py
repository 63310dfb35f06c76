"""The comment form with JavaScript: in place, and never losing a word."""

from playwright.sync_api import expect

from tests.browser.conftest import LETTER


def test_faults_are_told_in_place(visitor):
    """A fault keeps the page and the text, moves focus to the summary and marks the field."""
    page = visitor(LETTER)
    page.get_by_label("Kommentar *").fill("Min text utan namn")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Namn *")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Kommentar *")).to_have_value("Min text utan namn")
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_label("Namn *")).to_be_focused()


def test_a_draft_is_kept_in_its_tab_alone(visitor):
    """A reload gives the draft back; another tab starts empty; sending it clears it."""
    page = visitor(LETTER)
    page.get_by_label("Kommentar *").fill("Halvskriven tanke")
    page.reload()
    expect(page.get_by_label("Kommentar *")).to_have_value("Halvskriven tanke")
    other = page.context.new_page()
    other.goto(LETTER)
    expect(other.get_by_label("Kommentar *")).to_have_value("")
    page.get_by_label("Namn *").fill("En tänkare")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_text("Tack!")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Kommentar *")).to_have_value("")


def test_no_answer_is_said_and_keeps_the_text(visitor):
    """With the network gone the form says so, and the text stays to be sent again."""
    page = visitor(LETTER)
    page.get_by_label("Namn *").fill("På tåget")
    page.get_by_label("Kommentar *").fill("I tunneln")
    page.route("**/kommentarer/ny", lambda route: route.abort())
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_contain_text("Din text finns kvar")
    expect(page.get_by_label("Kommentar *")).to_have_value("I tunneln")
    page.unroute("**/kommentarer/ny")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_text("Tack!")).to_be_visible()


def test_the_form_moves_under_the_comment_it_answers(visitor):
    """Reply brings the form to the comment, cancel takes it back and gives focus to the link."""
    page = visitor(LETTER)
    link = page.get_by_role("link", name="Svara Undersköterska i hemtjänsten")
    link.click()
    expect(page.get_by_role("heading", name="Svara Undersköterska i hemtjänsten")).to_be_visible()
    expect(page.locator("article comment-form")).to_be_visible()
    page.get_by_role("button", name="Avbryt svar").click()
    expect(link).to_be_focused()
    expect(page.locator("article comment-form")).to_have_count(0)


def test_a_reply_in_place_is_received(visitor, moderator):
    """A reply sent from under a comment carries its parent to the desk."""
    page = visitor(LETTER)
    page.get_by_role("link", name="Svara Undersköterska i hemtjänsten").click()
    page.get_by_label("Namn *").fill("Chef i Söder")
    page.get_by_label("Kommentar *").fill("Får jag komma och titta?")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_text("Tack!")).to_be_visible()
    waiting = moderator().get_by_role("article").filter(has_text="Får jag komma och titta?")
    expect(waiting.get_by_text("Svarar Undersköterska i hemtjänsten")).to_be_visible()


def test_characters_left_are_counted(visitor):
    """Near the limit the form tells how many characters are left, and beyond it how many too many."""
    page = visitor(LETTER)
    page.get_by_label("Kommentar *").fill("x" * 4990)
    expect(page.get_by_text("Tecken kvar: 10")).to_be_visible()
    page.get_by_label("Kommentar *").fill("x" * 5003)
    expect(page.get_by_text("Tecken för mycket: 3")).to_be_visible()


def test_the_form_works_where_storage_is_blocked(visitor):
    """A browser that forbids sessionStorage keeps no draft, and sends the comment all the same."""
    page = visitor("about:blank")
    blocked = "Object.defineProperty(window, 'sessionStorage', { get() { throw new Error('blocked'); } })"
    page.add_init_script(blocked)
    page.goto(LETTER)
    page.get_by_label("Namn *").fill("En försiktig")
    page.get_by_label("Kommentar *").fill("Utan spår i webbläsaren")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_text("Tack! Din kommentar")).to_be_visible()
