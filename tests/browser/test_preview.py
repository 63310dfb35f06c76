"""The preview of the one who writes: a saved letter is shown in its place, and what is wrong is told about it alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.checks import check
from tests.running import ROOT, Running, running, until_built, wait_for

LETTER, OTHER = "/2026/provet/", "/2026/det-andra/"
HEADER = "Title: {title}\nDate: 2026-11-20 08:00\nAuthor: Stadsdirektören\nSummary: Om provet.\n\n"
LONG = "\n\n".join(f"Stycke {number}. " + "Här står det något som går att läsa. " * 8 for number in range(1, 40))
TOP = """text => [...document.querySelectorAll("p")].find(each => each.textContent.startsWith(text))
    .getBoundingClientRect().top"""
PANEL_TOP = "document.querySelector('preview-panel').shadowRoot.querySelector('#panel').getBoundingClientRect().top"
FOCUSED = (
    "document.activeElement.localName === 'preview-panel' ? 0 : document.activeElement.getBoundingClientRect().bottom"
)
PICTURE = "document.querySelector('preview-panel').shadowRoot.querySelector('img').naturalWidth"


class Desk:
    """The letters of a running preview, and a browser's page on it."""

    def __init__(self, site: Running, folder: Path, page: Page) -> None:
        self.site = site
        self.folder = folder
        self.page = page

    def write(self, name: str, body: str, more: str = "", title: str = "") -> None:
        """Save a letter, as an editor does."""
        header = HEADER.format(title=title or name.replace("-", " "))
        (self.folder / f"{name}.md").write_text(header.replace("\n\n", f"\n{more}\n"), encoding="utf-8")
        with (self.folder / f"{name}.md").open("a", encoding="utf-8") as file:
            file.write(f"{body}\n")

    def open(self, path: str) -> Page:
        """A page of the site, which is marked so that a reload shows."""
        self.page.goto(path)
        self.page.evaluate("window.stayed = true")
        expect(self.page.locator("preview-panel button.opener")).to_be_visible()
        return self.page

    def stayed(self) -> bool:
        """Whether the page is the very one that was opened."""
        return bool(self.page.evaluate("window.stayed === true"))


@pytest.fixture(scope="module")
def writing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """A running preview of letters of our own."""
    folder = tmp_path_factory.mktemp("writing")
    shutil.copytree(ROOT / "content", folder / "content", ignore=shutil.ignore_patterns("letters"))
    letters = folder / "content" / "letters"
    letters.mkdir()
    for name in ("provet", "det-andra"):
        text = HEADER.format(title=name.replace("-", " ")) + LONG
        (letters / f"{name}.md").write_text(text, encoding="utf-8")
    with running(folder, CONTENT=str(folder / "content")) as site:
        until_built(site, LETTER, "Stycke 39.")
        yield site, letters


@pytest.fixture
def desk(browser: Browser, writing: tuple[Running, Path]) -> Iterator[Desk]:
    """Somebody who writes, with the letters as they are at first."""
    site, folder = writing
    context = browser.new_context(base_url=site.origin, locale="sv-SE", viewport={"width": 1280, "height": 800})
    desk = Desk(site, folder, context.new_page())
    desk.write("provet", LONG)
    desk.write("det-andra", LONG)
    until_built(site, LETTER, "Stycke 39.")
    until_built(site, OTHER, "Stycke 39.")
    yield desk
    context.close()


def test_a_saved_letter_is_shown_where_its_reader_was(desk: Desk) -> None:
    """However much has come above; a comment that is being written, and its field, are as they were."""
    desk.open(LETTER).get_by_label("Kommentar *").fill("Halvskrivet")
    page = desk.open(LETTER)
    page.get_by_label("Kommentar *").evaluate("field => field.focus({ preventScroll: true })")
    page.evaluate("scrollTo({ top: 2500, behavior: 'instant' })")
    before = page.evaluate(TOP, "Stycke 20.")
    desk.write("provet", "Nytt ovanför. " * 200 + "\n\n" + LONG)
    expect(page.get_by_text("Nytt ovanför.")).to_have_count(1)
    expect(page.get_by_label("Kommentar *")).to_be_focused()
    assert page.get_by_label("Kommentar *").input_value() == "Halvskrivet"
    assert page.evaluate(TOP, "Stycke 20.") == pytest.approx(before, abs=1.5)


def test_a_page_that_is_as_it_was_stays_still(desk: Desk) -> None:
    """Another letter's change is told to it and makes no difference."""
    page = desk.open(OTHER)
    with page.expect_response(lambda response: "/_preview/build?known=" in response.url and response.ok):
        desk.write("provet", "Ett annat slut.")
    until_built(desk.site, LETTER, "Ett annat slut.")
    with page.expect_response(lambda response: "panel.json" in response.url):
        desk.write("provet", LONG)
    assert desk.stayed()


def test_whatever_has_the_focus_is_seen_beside_the_panel(desk: Desk) -> None:
    """On a small screen the panel covers most of it (WCAG 2.4.11)."""
    desk.page.set_viewport_size({"width": 320, "height": 800})
    page = desk.open(LETTER)
    page.locator("preview-panel button.opener").click()
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' }); document.body.tabIndex = -1; document.body.focus()")
    covered = page.evaluate(PANEL_TOP)
    assert 200 < covered < 600
    for _tab in range(12):
        page.keyboard.press("Tab")
        wait_for(lambda: page.evaluate(FOCUSED) <= covered, "what has the focus must be seen")


def test_an_error_is_told_on_its_letter_and_the_rest_stays_up(desk: Desk) -> None:
    """The letter is shown as it was, others can be changed meanwhile, and mending it needs no reload by hand."""
    page = desk.open(LETTER)
    desk.write("provet", "Nu är det fel.", more="Modified: i går\n")
    notice = page.locator("build-news")
    expect(notice).to_contain_text("Det här visas som det var före felet. Rätta detta:")
    expect(notice.get_by_role("listitem")).to_contain_text("provet.md:5: ”Modified” måste vara ett datum")
    assert desk.stayed()
    desk.write("det-andra", "Det andra går att ändra.")
    desk.open(OTHER)
    expect(page.get_by_text("Det andra går att ändra.")).to_be_visible()
    expect(notice).to_contain_text("Texter med fel: 1")
    notice.get_by_role("link", name="provet.md").click()
    expect(page).to_have_url(f"{desk.site.origin}{LETTER}")
    expect(page.get_by_text("Stycke 39.")).to_have_count(1)
    desk.write("provet", "Nu är det rätt.")
    expect(page.get_by_text("Nu är det rätt.")).to_be_visible()
    expect(notice).to_be_empty()


def test_a_new_letter_with_errors_has_a_page_that_says_so(desk: Desk) -> None:
    """At the address it will have; the letter comes in its place as soon as it is right, though it is a draft then."""
    desk.write("det-nya", "Inte än.", more="Modified: sen\n")
    until_news(desk, "Texter med fel: 1")
    page = desk.open("/2026/det-nya/")
    expect(page.get_by_role("heading", name="Det här kan inte visas än")).to_be_visible()
    expect(page.locator("build-news")).to_contain_text("det-nya.md:5: ”Modified” måste vara ett datum")
    desk.write("det-nya", "Nu går det.", more="Status: draft\n")
    expect(page).to_have_url(f"{desk.site.origin}/utkast/det-nya/")
    expect(page.locator("main .unpublished")).to_contain_text("Utkast – syns bara här")
    check(page)


def test_an_open_letter_is_followed_to_its_new_address(desk: Desk) -> None:
    """Published, given another slug, a draft again: it stays in view, at the place where it was."""
    desk.write("flytten", LONG, more="Status: draft\n")
    until_built(desk.site, "/utkast/flytten/", "Stycke 39.")
    page = desk.open("/utkast/flytten/")
    page.evaluate("scrollTo({ top: 2500, behavior: 'instant' })")
    before = page.evaluate(TOP, "Stycke 20.")
    for more, address in (
        ("", "/2026/flytten/"),
        ("Slug: ny-adress\n", "/2026/ny-adress/"),
        ("Slug: ny-adress\nStatus: draft\n", "/utkast/ny-adress/"),
        ("", "/2026/flytten/"),
    ):
        desk.write("flytten", LONG, more=more)
        expect(page).to_have_url(f"{desk.site.origin}{address}")
        expect(page.locator("main .unpublished")).to_have_count(int("draft" in more))
        page.wait_for_function(f"Math.abs(({TOP})('Stycke 20.') - {before}) < 2")
    page.goto("/utkast/ny-adress/")  # as an old link may
    expect(page.get_by_role("heading", name="Texten har fått en ny adress")).to_be_visible()
    page.get_by_role("link", name="/2026/flytten/").click()
    expect(page.get_by_text("Stycke 39.")).to_have_count(1)


def test_a_letter_that_is_removed_is_said_to_be_gone(desk: Desk) -> None:
    """And is there again as soon as its file is, wherever that puts it."""
    desk.write("bort", LONG)
    until_built(desk.site, "/2026/bort/", "Stycke 39.")
    page = desk.open("/2026/bort/")
    (desk.folder / "bort.md").unlink()
    expect(page.get_by_role("heading", name="Texten finns inte kvar")).to_be_visible()
    check(page)
    desk.write("bort", LONG, more="Status: draft\n")
    expect(page).to_have_url(f"{desk.site.origin}/utkast/bort/")
    expect(page.get_by_text("Stycke 39.")).to_have_count(1)


def until_news(desk: Desk, words: str) -> None:
    """Wait until a page that is there already says so."""
    expect(desk.open(OTHER).locator("build-news")).to_contain_text(words)


def test_the_panel_is_worked_by_keyboard_and_stays_open(desk: Desk) -> None:
    """It tells what is wrong, how the letter reads and where it will stand, and closes with Escape."""
    page = desk.open(LETTER)
    opener = page.get_by_role("button", name="Skrivhjälp")
    opener.focus()
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Skrivhjälp")
    expect(panel).to_contain_text("https://ordetfritt.lindhamn.example/2026/provet/")
    desk.write("provet", "Ändrat.", more="Modified: sen\n")
    expect(panel.get_by_role("listitem").filter(has_text="Fel, rad 5")).to_contain_text("måste vara ett datum")
    desk.write("provet", "Ändrat.")
    expect(page.get_by_text("Ändrat.")).to_be_visible()
    expect(panel).to_contain_text("1 ord")
    expect(panel.get_by_role("img")).to_have_count(0)  # the picture says what the card's title says
    page.wait_for_function(f"{PICTURE} === 1200")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
