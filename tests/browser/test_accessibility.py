"""axe-core finds nothing, and text has room, on any page in any shape; checks.py says which there are."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import check
from tests.browser.conftest import LETTER, reload_until

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


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_site_have_no_faults(visitor, path):
    """Letters, lists and pages."""
    check(visitor(path))


def test_topics_and_writers_have_no_faults(visitor):
    """The first topic and the first writer that the newest letter links to."""
    page = visitor(LETTER)
    for start in ("/amnen/", "/forfattare/"):
        page.goto(page.locator(f"a[href^='{start}']").first.get_attribute("href"))
        check(page)
        page.goto(LETTER)


def test_the_form_with_faults_has_no_faults_of_its_own(visitor):
    """The page that the service sends, and the same told in place."""
    page = visitor(LETTER, java_script_enabled=True)
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)
    plain = page.context.new_page()
    plain.route("**/*.js*", lambda route: route.abort())
    plain.goto(LETTER)
    plain.get_by_role("button", name="Skicka").click()
    expect(plain.get_by_label("Namn *")).to_have_attribute("aria-invalid", "true")
    check(plain)


def test_receipt_status_and_reply_form_have_no_faults(visitor):
    """What a resident without JavaScript meets."""
    page = visitor(LETTER)
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


def test_the_desk_has_no_faults(visitor, moderator):
    """Each tab, a comment in each state, and a refused decision."""
    page = moderator()
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


def test_the_statistics_have_no_faults(visitor, moderator, site):
    """On the site and at the desk, with charts: the sample conversation is counted by then."""
    site.comments("publish")
    page = visitor("/statistik/")
    reload_until(page, lambda: page.locator("svg[role=img]").count() > 0)
    check(page)
    page = moderator()
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
