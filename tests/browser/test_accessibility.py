"""axe-core finds nothing, and text has room, on any page in any shape; checks.py says which there are."""

import pytest
from playwright.sync_api import expect

from tests.browser.checks import check
from tests.browser.conftest import LETTER
from tests.published import OTHERS

TYPES = ("index", "letter", "archive", "missing", *OTHERS)
GOOD = """<!doctype html><html lang="sv"><meta name="color-scheme" content="light dark"><title>Å</title>
<meta name="viewport" content="width=device-width"><style>html {{ background: Canvas }}</style>
<main><h1>Å</h1>{}</main>"""
BAD = {
    "image-alt": "<img src='data:,'>",
    "light, 1280.*color-contrast": "<p style='color: #ddd'>Blek</p>",
    "dark, 1280.*color-contrast": "<p style='color: #222'>Mörk</p>",
    "target-size": "<p style='line-height: 1'><a href='#'>x</a><br><a href='#'>y</a></p>",
    "scrolls sideways": "<div style='inline-size: 400px'>Bred</div>",
    "spaced.*cut off": "<p style='block-size: 1.1em; line-height: 1.1; overflow: hidden'>Hög</p>",
    "doubled.*lies on other text": "<div style='block-size: 38px'>Ett<br>två</div><div>Tre</div>",
}
"""What `check` must say of each."""


@pytest.fixture(scope="module")
def page(browser, public_site):
    """One browser for the published pages."""
    made = browser.new_page()
    yield made
    made.close()


@pytest.mark.parametrize("name", TYPES)
def test_each_type_of_page_has_no_faults(page, public_site, name):
    """Letters, lists, pages, and the page that is not there, as they are published."""
    if name not in public_site.pages():
        pytest.skip("the site has no such page")
    page.goto(public_site.origin + public_site.pages()[name])
    check(page)


def test_every_type_of_page_is_tried():
    """None that the published site knows of is left out."""
    assert set(TYPES) == {"index", "letter", "archive", "missing", *OTHERS}


@pytest.mark.parametrize("fault", BAD)
def test_a_page_with_faults_is_noticed(page, fault):
    """In each way that is looked for."""
    page.goto("about:blank")
    page.set_content(GOOD.format(BAD[fault]))
    with pytest.raises(AssertionError, match=fault):
        check(page)


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


def test_the_statistics_of_the_desk_have_no_faults(moderator):
    """With charts."""
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
