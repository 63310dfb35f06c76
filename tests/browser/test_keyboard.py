"""Every page can be used with the keyboard alone, and shows where the focus is."""

import pytest
from playwright.sync_api import Page, expect

from comments import accounts, links
from tests.browser.keyboard import walk
from tests.published import MODERATOR, Published


@pytest.fixture(scope="module")
def page(browser, public_site: Published):
    """One browser for all, with the published site and its service."""
    context = browser.new_context(base_url=public_site.origin, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def test_every_type_of_page_is_walked_through(page: Page, public_site: Published) -> None:
    """Letters, lists, pages, and the page that is not there."""
    for path in public_site.pages().values():
        page.goto(path)
        assert walk(page) > 5


def test_a_letter_is_walked_through_on_a_phone(page: Page, public_site: Published) -> None:
    """With a keyboard tied to it, or at 400 %."""
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(public_site.letter)
    assert walk(page) > 20
    page.set_viewport_size({"width": 1280, "height": 800})


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    """The skip link is seen when it has the focus, and what follows it is the content (WCAG 2.4.1)."""
    page.goto("/arkiv/")
    page.keyboard.press("Tab")
    link = page.locator(".skip-link")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_the_form_is_walked_through_in_error_and_success(page: Page, public_site: Published) -> None:
    """Told in place, and on the service's own pages."""
    page.goto(public_site.letter)
    send = page.get_by_role("button", name="Skicka kommentaren")
    send.click()
    expect(page.get_by_role("alert")).to_be_focused()
    walk(page)
    page.get_by_label("Namn *").fill("En förälder i Väst")
    page.get_by_label("Kommentar *").fill("Det går att skriva utan mus.")
    send.click()
    page.get_by_role("link", name="Följ din kommentar").click()
    walk(page)


@pytest.mark.parametrize("path", ["/kommentarer/svara/1", "/kommentarer/anmal/1", "/moderering/logga-in"])
def test_the_service_s_forms_are_walked_through(page: Page, path: str) -> None:
    """Reply, report and sign-in."""
    page.goto(path)
    assert walk(page) > 5


def test_the_desk_is_walked_through(page: Page, public_site: Published) -> None:
    """The queue, a comment that waits, one that is published, the letters and one's own account."""
    parts = public_site.app.extensions["ordetfritt"]
    account = accounts.find(parts.storage, MODERATOR)
    assert account
    page.goto(f"/moderering/logga-in/{links.new(parts.storage, account['id'], 'terminal')}")
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("heading", name="Kommentarer")).to_be_visible()
    waiting = page.get_by_role("link", name="Avböj …").first.get_attribute("href") or ""
    for path in ("/moderering/", waiting, "/moderering/1", "/moderering/brev", "/moderering/konto"):
        page.goto(path)
        assert walk(page) > 5


BAD = {
    "must lead to": '<a href="#" tabindex="2">Två</a><a href="#" tabindex="1">Ett</a>',
    "no outline": '<a href="#" style="outline: none">Osynlig</a>',
    "a faint outline": '<a href="#" style="outline: 3px solid #eee">Blek</a>',
    "hidden by": '<a href="#">Under</a><div style="position: fixed; inset: 0; background: #fff"></div>',
    "holds the focus": '<a href="#">Fri</a><input onkeydown="event.preventDefault()" style="outline: 3px solid #000">',
}


@pytest.mark.parametrize("fault", BAD)
def test_a_page_that_cannot_be_walked_through_is_noticed(page: Page, fault: str) -> None:
    """In the wrong order, without a visible focus, behind something, and in a trap."""
    page.goto("about:blank")
    page.set_content(f"<style>:focus {{ outline: 3px solid #000 }}</style><main>{BAD[fault]}</main>")
    with pytest.raises(AssertionError, match=fault):
        walk(page)
