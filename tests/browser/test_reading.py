"""Reading the published site costs the reader almost nothing, moves nothing, and tells nobody."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LETTER
from tests.browser.reading import Reading, read
from tests.published import COMMENTS

WIDTHS = (320, 1280)


@pytest.fixture(scope="module")
def readings(browser, public_site) -> dict[str, Reading]:
    """Each type of page, read on a phone and on a desk."""
    made: dict[str, Reading] = {}
    pages = public_site.pages()
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 800})
        names = [f"{name}, {width}" for name in pages]
        made |= zip(names, read(context, [public_site.origin + path for path in pages.values()]), strict=True)
        context.close()
    return made


def found(readings: dict[str, Reading], what) -> dict[str, object]:
    """Where there is anything of that kind."""
    return {name: value for name, reading in readings.items() if (value := what(reading))}


def test_nothing_moves(readings):
    """No layout shift on any page, from its top to its end."""
    assert found(readings, lambda reading: reading.shift) == {}


def test_reading_leaves_nothing_behind(readings):
    """No cookie, nothing in any of the browser's storages."""
    assert found(readings, lambda reading: reading.kept) == {}


def test_nobody_else_is_asked(readings, public_site):
    """Nothing from another host, nothing from the service."""
    assert found(readings, lambda reading: reading.elsewhere(public_site.origin)) == {}
    assert found(readings, Reading.of_service) == {}


def test_nothing_is_refused_or_broken_on_the_way(readings):
    """No error in the console: no blocked style, no missing file."""
    told = found(readings, lambda reading: reading.errors)
    assert [name for name in told if not name.startswith("missing")] == []


def test_a_letter_takes_four_requests(readings):
    """Page, style, script and picture."""
    assert len(readings["letter, 320"].asked) <= 4, readings["letter, 320"].asked


def test_a_letter_with_ten_comments_fits_into_one_round_trip(readings, public_site):
    """Ten segments of TCP, the first that a server sends (RFC 6928), hold 14,000 bytes of HTML."""
    page = public_site.file(public_site.letter).read_text(encoding="utf-8")
    assert page.count('class="comment"') >= COMMENTS
    assert readings["letter, 320"].weights["document"] <= 14_000


def test_styles_and_scripts_are_light(readings):
    """8 kB of style on every page, 5 kB of script on all but the search, and no font."""
    assert found(readings, lambda reading: reading.weights.get("stylesheet", 0) > 8_000) == {}
    heavy = found(readings, lambda reading: reading.weights.get("script", 0) > 5_000)
    assert [name for name in heavy if not name.startswith("search")] == []
    assert found(readings, lambda reading: "font" in reading.weights) == {}


def test_what_moves_and_what_is_kept_is_noticed(browser, public_site):
    """A page that does all of it."""
    page = "<h1>Å</h1><script>document.cookie = 'a=1'; localStorage.b = 1</script><p>Ö"
    late = "<script>setTimeout(() => { document.querySelector('h1').style.marginTop = '200px' }, 50)</script>"
    context = browser.new_context()
    context.route("**/prov", lambda route: route.fulfill(body=page + late, content_type="text/html; charset=utf-8"))
    (reading,) = read(context, [public_site.origin + "/prov"])
    assert reading.shift > 0
    assert sorted(reading.kept) == ["a", "b"]
    context.close()


def test_the_sample_conversation_reads_without_javascript(browser, public_site):
    """Comments, an official answer with its badge, and a placeholder where a hidden comment has answers."""
    if public_site.letter != LETTER:
        pytest.skip("the sample conversation is of a sample letter")
    page = browser.new_page(java_script_enabled=False)
    page.goto(public_site.origin + public_site.letter)
    expect(page.get_by_text("hur får vi som bor här veta", exact=False)).to_be_visible()
    expect(page.get_by_text("Officiellt svar").first).to_be_visible()
    expect(page.get_by_text("har tagits bort av en moderator").first).to_be_visible()
    expect(page.get_by_text("bröt mot reglerna")).to_have_count(0)
    expect(page.get_by_text("Går det att få praktik")).to_have_count(0)
    page.close()


def test_a_comment_s_link_is_copied_and_said_to_be(visitor, site):
    """With script; it is followed too, so that the address bar shows it. Without, that is all it does."""
    page = visitor(LETTER, permissions=["clipboard-read", "clipboard-write"])
    link = page.get_by_role("link", name="Länk till kommentaren av Undersköterska i hemtjänsten")
    address = site.origin + LETTER + (link.get_attribute("href") or "")
    link.click()
    expect(page.get_by_text("Länken är kopierad")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url == address


def test_paper_takes_the_conversation_or_leaves_it(visitor):
    """As the reader chooses; the form and the menus are never printed, and links say where they lead."""
    page = visitor(LETTER, java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page.emulate_media(media="print")
    first = page.locator(".comment").first
    expect(first).to_be_visible()
    expect(page.locator("comment-form")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_label("Skriv ut samtalet också").uncheck()
    page.emulate_media(media="print")
    expect(first).to_be_hidden()
    expect(page.locator(".signature")).to_be_visible()
