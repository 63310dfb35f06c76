"""Somebody tells what does not work, without a name or JavaScript, and a moderator handles it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check
from tests.running import running

STATEMENT, LIST = "/tillganglighet/", "/moderering/tillganglighet"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A running product of its own."""
    with running(tmp_path_factory.mktemp("feedback"), DATABASE_URL="") as started:
        yield started


def tell(page: Page, text: str) -> None:
    """Fill in the form and send it."""
    page.goto(STATEMENT)
    page.get_by_label("Vad fungerar inte för dig? *").fill(text)
    page.get_by_role("button", name="Skicka").click()


def handle(page: Page, text: str, note: str) -> None:
    """Mark what holds that text as handled."""
    card = page.get_by_role("article").filter(has_text=text)
    card.get_by_label("Vad gjordes? *").fill(note)
    card.get_by_role("button", name="Markera som hanterat").click()


@pytest.mark.parametrize("script", [True, False])
def test_what_somebody_tells_reaches_the_desk(visitor, moderator, script):
    """From the footer to the receipt, from the queue to the note."""
    text = f"Jag når inte menyn, skript: {script}."
    resident = visitor("/", java_script_enabled=script)
    resident.get_by_role("link", name="Tillgänglighetsredogörelse").click()
    expect(resident.get_by_role("heading", name="Tillgänglighetsredogörelse", level=1)).to_be_visible()
    tell(resident, text)
    expect(resident.get_by_role("heading", name="Tack för att du berättade!")).to_be_visible()
    desk = moderator(java_script_enabled=script)
    desk.locator(".tabs").get_by_role("link", name="Tillgänglighet").click()
    handle(desk, text, "Menyn är rättad.")
    expect(desk.get_by_text(text)).to_have_count(0)
    desk.get_by_role("link", name="Hanterat").click()
    expect(desk.get_by_role("article").filter(has_text=text)).to_contain_text("Menyn är rättad.")


def test_nothing_typed_is_lost_by_a_fault(visitor):
    """The summary has the focus and leads to the field."""
    page = visitor(STATEMENT, java_script_enabled=False)
    page.get_by_label("Hur når vi dig?").fill("010-000 12 00")
    page.get_by_role("button", name="Skicka").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Skriv vad som inte fungerar.").click()
    expect(page.get_by_label("Vad fungerar inte för dig? *")).to_be_focused()
    expect(page.get_by_label("Hur når vi dig?")).to_have_value("010-000 12 00")


def test_the_form_is_reached_by_keyboard_alone(visitor):
    """From the link in the text, through each field, to the button."""
    page = visitor(STATEMENT)
    page.get_by_role("link", name="med formuläret").press("Enter")
    for name, words in (("Vad fungerar", "Inget"), ("Vilken sida", "/om/"), ("Hur når", "Ring")):
        page.keyboard.press("Tab")
        expect(page.get_by_label(re.compile(f"^{name}"))).to_be_focused()
        page.keyboard.type(words)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tack för att du berättade!")).to_be_visible()


def test_no_page_has_faults(visitor, moderator):
    """The form with a fault, the receipt, the list with what waits, a note that won't do, and what is handled."""
    page = visitor(STATEMENT)
    check(page)
    page.get_by_role("button", name="Skicka").click()
    check(page)
    tell(page, "Färgerna")
    check(page)
    desk = moderator()
    check(desk)
    desk.goto(LIST)
    check(desk)
    desk.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true })")
    desk.get_by_role("button", name="Markera som hanterat").first.click()
    expect(desk.get_by_role("alert")).to_be_focused()
    check(desk)
    handle(desk, "Färgerna", "Prövat.")
    desk.get_by_role("link", name="Hanterat").click()
    check(desk)
