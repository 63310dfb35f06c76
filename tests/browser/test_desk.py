"""A morning at the desk: by keys, by mouse, without script, and by two moderators at once."""

import json

import pytest
from playwright.sync_api import Page, expect

from comments.cases import PAGE_SIZE
from tests.browser.checks import check
from tests.browser.conftest import LETTER
from tests.running import Running, running

LIGHT = 60_000  # bytes, uncompressed


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running product of its own: what fills the queue here is in nobody's way."""
    with running(tmp_path_factory.mktemp("desk")) as started:
        yield started


@pytest.fixture
def post(site: Running, playwright):
    """Post comments, as many residents do; gives their numbers."""
    api = playwright.request.new_context(base_url=site.origin, extra_http_headers={"Origin": site.origin})

    def post(*texts: str, author: str = "En förälder i Väst") -> list[int]:
        sent = [
            api.post(
                "/kommentarer/ny",
                form={"uri": LETTER, "author": author, "text": text, "email": ""},
                headers={"Accept": "application/json"},
            )
            for text in texts
        ]
        return [answer.json()["id"] for answer in sent]

    yield post
    api.dispose()


@pytest.fixture
def desk(moderator):
    """A moderator's browser at the queue, whose script has begun to listen."""

    def open() -> Page:
        page = moderator()
        expect(page.locator("desk-queue:defined")).to_be_attached()
        return page

    return open


@pytest.fixture
def empty(site: Running, moderator):
    """A desk where nothing waits."""
    site.sign_in_link()
    for row in json.loads(site.comments("queue", "--json")):
        site.comments("approve", str(row["id"]), "--by", "granskare@lindhamn.example")


def cards(page: Page):
    """The comments on the page that are not decided about yet."""
    return page.locator("[data-case]:not([data-done])")


KINDS = [
    "Tack för brevet, det gladde mig! Nummer {}.",
    "Ring mig på 070-174 05 11 om lekplatsen, {}.",
    "NI LYSSNAR ALDRIG PÅ OSS SOM BOR HÄR UTE, {}",
    "När öppnar badhuset igen, {}?",
    "Spela på www.kasino.example nu, {}",
    "Grannen har personnummer 811218-9876, skriver jag för gång {}.",
    "Jag är stadsdirektören och lovar er allt, gång {}.",
    "Det här har jag sagt förut, ordagrant och med samma ord",
    "Det här har jag sagt förut, ordagrant och med samma ord!",
    "Köp bitcoin av mig, {}",
]
"""A phone number, capitals, a question, a link, a number of identity, an official's name, the same again, words."""


@pytest.fixture
def twenty(empty, post):
    """Twenty comments of several kinds wait, each fifth an advertisement; gives their numbers."""
    kinds = [KINDS[n % 10].format(n) + "." * (n // 10) for n in range(20)]
    return [
        id
        for n, kind in enumerate(kinds)
        for id in post(kind, author="Stadsdirektören" if n % 10 == 6 else "En förälder i Väst")
    ]


def test_twenty_comments_are_decided_about_by_keys_alone(twenty, desk):
    """Approve, decline with a reason, move, undo: the focus is always on the next comment."""
    page = desk()
    expect(cards(page)).to_have_count(PAGE_SIZE)
    page.keyboard.press("j")
    for n, id in enumerate(twenty):
        expect(page.locator(f"#kommentar-{id}")).to_be_focused()
        if n % 5 == 4:
            page.keyboard.press("d")
            page.locator(".case-reason select").select_option("regel-4")
            page.locator(".case-reason textarea").fill("Reklam hör inte hemma här.")
            page.locator(".case-reason [data-kind=danger]").press("Enter")
        else:
            page.keyboard.press("a")
        expect(page.locator(f"#kommentar-{id}[data-done]")).to_be_visible()
    page.goto("/moderering/")
    expect(page.get_by_text("Inget väntar.")).to_be_visible()


def tab_to(page: Page, text: str) -> None:
    """Press Tab until the focus is on a control with that text; it works without script."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").filter(has_text=text).count():
            return
    raise AssertionError(f"the keyboard never reached {text} on {page.url}")


def test_twenty_comments_are_decided_about_without_script_by_the_keyboard(twenty, moderator, site):
    """Tab and Enter alone: each decision leads to a page that tells of it, and on to the next."""
    page = moderator(java_script_enabled=False)
    for n in range(20):
        if n % 5 == 4:
            tab_to(page, "Avböj …")
            page.keyboard.press("Enter")
            tab_to(page, "Välj ett skäl")
            page.keyboard.type("Gör inte reklam")
            page.keyboard.press("Tab")
            page.keyboard.type("Reklam hör inte hemma här.")
            tab_to(page, "Avböj kommentaren")
        else:
            tab_to(page, "Godkänn")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("är nu avböjd" if n % 5 == 4 else "är nu publicerad")
    expect(page.get_by_text("Inget väntar.")).to_be_visible()
    assert json.loads(site.comments("queue", "--json")) == []


def test_what_was_decided_is_undone_by_a_key(empty, post, desk):
    """The comment is back with its buttons, has the focus, and waits again."""
    (id,) = post("Ska ångras.")
    page = desk()
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Ångra")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(f"#kommentar-{id}")).to_be_focused()
    expect(page.locator(f"#kommentar-{id}").get_by_role("button", name="Godkänn")).to_be_visible()
    page.reload()
    expect(cards(page)).to_have_count(1)


def test_it_can_be_undone_without_script(empty, post, moderator):
    """The message about the decision carries the button."""
    post("Ångras utan skript.")
    page = moderator(java_script_enabled=False)
    page.get_by_role("button", name="Godkänn").click()
    page.get_by_role("button", name="Ångra").click()
    expect(page.get_by_text("inte granskad än", exact=False).first).to_be_visible()
    expect(cards(page)).to_have_count(1)


def test_several_are_decided_about_at_once_without_script(empty, post, moderator):
    """Those that are ticked, and no other."""
    post("Första av tre.", "Andra av tre.", "Tredje av tre.")
    page = moderator(java_script_enabled=False)
    for n in (0, 2):
        page.get_by_role("checkbox").nth(n).check()
    page.get_by_text("Besluta om de markerade").click()
    page.get_by_role("button", name="Godkänn de markerade").click()
    expect(page.get_by_text("Beslutade: 2")).to_be_visible()
    expect(cards(page)).to_have_count(1)
    expect(page.get_by_text("Andra av tre.")).to_be_visible()


def test_the_second_of_two_moderators_is_told_what_the_first_did(empty, post, desk, site, visitor):
    """Both have the queue open; nothing is overwritten."""
    (id,) = post("Två vill besluta.")
    page = desk()
    first = visitor(site.sign_in_link("andra@lindhamn.example").removeprefix(site.origin))
    first.get_by_role("button", name="Logga in").click()
    expect(first.locator("desk-queue:defined")).to_be_attached()
    first.keyboard.press("d")
    first.locator(".case-reason select").select_option("regel-2")
    first.locator(".case-reason [data-kind=danger]").press("Enter")
    expect(first.locator(f"#kommentar-{id}[data-done]")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("a")
    told = page.locator(f"#kommentar-{id}[data-done]")
    expect(told).to_contain_text("redan avböjd, av andra@lindhamn.example")
    assert "Två vill besluta" not in site.comments("queue")


def test_new_comments_appear_by_themselves(empty, post, desk):
    """At the end of the queue, told to screen readers, without the page being loaded again."""
    page = desk()
    page.clock.install()
    page.reload()
    expect(page.get_by_text("Inget väntar.")).to_be_visible()
    post("Kom medan sidan var öppen.")
    page.clock.run_for(11_000)
    expect(page.get_by_text("Kom medan sidan var öppen.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Nya kommentarer: 1")).to_have_count(1)
    expect(page.locator(".tabs [aria-current] .tab-count")).to_have_text("1")


def test_a_decision_against_needs_its_reason_in_place_too(empty, post, desk):
    """The form that opens in the card can't be sent without one; Escape closes it and gives the focus back."""
    (id,) = post("Ska inte avböjas utan skäl.")
    page = desk()
    page.keyboard.press("d")
    page.locator(".case-reason [data-kind=danger]").click()
    assert page.locator(".case-reason select").evaluate("field => !field.checkValidity()")
    page.keyboard.press("Escape")
    expect(page.locator(".case-reason")).to_have_count(0)
    expect(page.locator(f"#kommentar-{id}")).to_be_focused()


def test_a_server_that_is_away_leaves_the_comment_where_it_is(empty, post, desk):
    """The moderator is told, and can try again."""
    (id,) = post("Nätet är nere.")
    page = desk()
    page.route("**/godkann", lambda route: route.abort())
    page.keyboard.press("a")
    expect(page.get_by_role("alert")).to_contain_text("Servern svarade inte")
    page.unroute("**/godkann")
    page.keyboard.press("a")
    expect(page.locator(f"#kommentar-{id}[data-done]")).to_be_visible()


def test_a_detail_is_masked_as_it_was_marked(empty, post, desk):
    """Marked in the text with the mouse, taken into the form, and masked for readers."""
    (id,) = post("Hälsningar från Gatan 7.")
    page = desk()
    page.goto(f"/moderering/{id}")
    page.locator(".comment-text p").first.evaluate(
        "p => { const t = p.firstChild, r = document.createRange(); r.setStart(t, 16); r.setEnd(t, 23);"
        " getSelection().removeAllRanges(); getSelection().addRange(r); }"
    )
    page.get_by_role("button", name="Hämta det du markerat").click()
    expect(page.get_by_label("Det som ska maskeras")).to_have_value("Gatan 7")
    page.get_by_role("button", name="Maskera", exact=True).click()
    expect(page.locator(".comment-text").first).to_have_text("Hälsningar från [personuppgift borttagen].")


def test_an_answer_is_looked_at_before_it_is_published(empty, post, moderator, site):
    """The preview looks as readers will see it, and the text is still in the form."""
    (id,) = post("Svara mig!")
    page = moderator(java_script_enabled=False)
    site.comments("approve", str(id), "--by", "granskare@lindhamn.example")
    page.goto(f"/moderering/{id}")
    page.get_by_label("Svar *").fill("Ja, det gör vi **nu**.")
    page.get_by_role("button", name="Förhandsgranska").click()
    expect(page.locator("#forhandsvisning strong")).to_have_text("nu")
    page.get_by_role("button", name="Publicera svaret").click()
    expect(page.get_by_text("Svaret är publicerat")).to_be_visible()


def test_pages_of_the_desk_have_no_faults(post, moderator):
    """The queue, each tab, a case, search, and the reason that opens in a card."""
    (id,) = post("Vad säger axe? Ring 070-174 05 11.")
    page = moderator()
    page.keyboard.press("d")
    check(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    check(page)
    for path in ("?visa=fragor", "?visa=publicerade", "?visa=alla", f"{id}", "sok?q=axe", "sok?q=", "post"):
        page.goto(f"/moderering/{path}")
        check(page)


def test_a_full_page_of_the_queue_is_light(empty, post, desk):
    """All that it loads is under 60 kB, before compression, however many comments wait."""
    post(*(f"Kommentar {n} av tjugo, ungefär så lång som de brukar vara i verkligheten." for n in range(20)))
    page = desk()
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(len(answer.body())))
    page.reload(wait_until="networkidle")
    expect(cards(page)).to_have_count(PAGE_SIZE)
    assert sum(sizes) < LIGHT, sizes
