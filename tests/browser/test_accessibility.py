"""axe-core finds nothing, and nothing scrolls sideways, on any page in any of the four shapes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import LETTER, reload_until

SHAPES = [(width, scheme) for width in (320, 1280) for scheme in ("light", "dark")]
PAGES = [
    "/",
    LETTER,
    "/arkiv/",
    "/om/",
    "/kommentarsregler/",
    "/tillganglighet/",
    "/finns-inte/",
    "/moderering/logga-in",
]


def check(page: Page) -> None:
    """Fail with axe's own report, or when the page is wider than the window."""
    page.wait_for_load_state("load")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape[1]}-{shape[0]}")
def shape(request):
    """Options for a browser window of one shape."""
    width, scheme = request.param
    return {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_site_have_no_faults(visitor, shape, path):
    """Letters, lists and pages."""
    check(visitor(path, **shape))


def test_topics_and_writers_have_no_faults(visitor, shape):
    """The first topic and the first writer that the newest letter links to."""
    page = visitor(LETTER, **shape)
    for start in ("/amnen/", "/forfattare/"):
        page.goto(page.locator(f"a[href^='{start}']").first.get_attribute("href"))
        check(page)
        page.goto(LETTER)


def test_the_form_with_faults_has_no_faults_of_its_own(visitor, shape):
    """The page that the service sends, and the same told in place."""
    page = visitor(LETTER, **shape, java_script_enabled=True)
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)
    plain = page.context.new_page()
    plain.route("**/*.js*", lambda route: route.abort())
    plain.goto(LETTER)
    plain.get_by_role("button", name="Skicka").click()
    expect(plain.get_by_label("Namn *")).to_have_attribute("aria-invalid", "true")
    check(plain)


def test_receipt_status_and_reply_form_have_no_faults(visitor, shape):
    """What a resident without JavaScript meets."""
    page = visitor(LETTER, **shape)
    page.route("**/*.js*", lambda route: route.abort())
    page.reload()
    page.get_by_label("Namn *").fill("En granskare av färger")
    page.get_by_label("Kommentar *").fill("Ser allt bra ut?")
    page.get_by_role("button", name="Skicka").click()
    check(page)
    page.get_by_role("link", name="Din kommentars egen sida").click()
    check(page)
    page.goto(LETTER)
    page.get_by_role("link", name="Svara Undersköterska i hemtjänsten").click()
    check(page)


def test_the_desk_has_no_faults(visitor, moderator, shape):
    """Each tab, a comment in each state, and a refused decision."""
    page = moderator(**shape)
    check(page)
    for tab in ("Publicerade", "Avböjda", "Dolda"):
        page.get_by_role("link", name=tab).click()
        check(page)
    page.get_by_role("link", name="Väntar").click()
    page.get_by_role("link", name="Avböj …").first.click()
    check(page)
    page.goto(page.get_by_role("link", name="Avböj …").first.get_attribute("href") or "")
    check(page)
    page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true })")
    page.get_by_role("button", name="Avböj kommentaren").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto("/moderering/?visa=publicerade")
    page.get_by_role("link", name="Svara …").first.click()
    check(page)
    page.goto("/moderering/post")
    check(page)


def test_the_statistics_have_no_faults(visitor, moderator, shape, site):
    """On the site and at the desk, with charts: the sample conversation is counted by then."""
    site.comments("publish")
    page = visitor("/statistik/", **shape)
    reload_until(page, lambda: page.locator("svg[role=img]").count() > 0)
    check(page)
    page = moderator(**shape)
    page.get_by_role("link", name="Statistik").first.click()
    expect(page.get_by_role("heading", name="Statistik")).to_be_visible()
    expect(page.get_by_role("img", name="Kommentarer varje månad")).to_be_visible()
    check(page)


def test_the_statistics_need_no_script(moderator):
    """Nor does the file for a spreadsheet."""
    page = moderator(java_script_enabled=False)
    page.get_by_role("link", name="Statistik").first.click()
    expect(page.get_by_role("img", name="Arbetstimmar till beslut")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Ladda ned").first.click()
    assert download.value.suggested_filename.startswith("statistik-")
