"""Reading costs the reader almost nothing, and tells nobody."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.conftest import LETTER

PREVIEW = "/_preview/"  # the work preview's own reloading, which production does not have
SERVICE = ("/kommentarer/", "/isso/", "/moderering")


def test_a_letter_takes_four_requests_to_its_own_site(visitor, site):
    """Page, style, script and picture: nothing from another host, nothing from the service."""
    page = visitor("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(LETTER, wait_until="networkidle")
    ours = [url for url in asked if PREVIEW not in url and not url.startswith("data:")]
    assert len(ours) <= 4, ours
    assert {urlsplit(url).netloc for url in ours} == {urlsplit(site.origin).netloc}
    assert not [url for url in ours if urlsplit(url).path.startswith(SERVICE)]


def test_reading_leaves_nothing_behind(visitor):
    """No cookie, nothing in the browser's storage."""
    page = visitor(LETTER)
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_nothing_is_refused_or_broken_on_the_way(visitor):
    """No error in the console on a letter: no blocked style, no missing file."""
    page = visitor("about:blank")
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(LETTER, wait_until="networkidle")
    assert errors == []


def test_the_sample_conversation_reads_without_javascript(visitor):
    """Comments, an official answer with its badge, and a placeholder where a hidden comment has answers."""
    page = visitor(LETTER, java_script_enabled=False)
    expect(page.get_by_text("hur får vi som bor här veta", exact=False)).to_be_visible()
    expect(page.get_by_text("Officiellt svar").first).to_be_visible()
    expect(page.get_by_text("har tagits bort av en moderator").first).to_be_visible()
    expect(page.get_by_text("bröt mot reglerna")).to_have_count(0)
    expect(page.get_by_text("Går det att få praktik")).to_have_count(0)


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
