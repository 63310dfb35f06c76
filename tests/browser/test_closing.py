"""Letters closed and opened at the desk, and what a resident with an open form meets meanwhile."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.checks import check
from tests.browser.conftest import LETTER, reload_until
from tests.browser.test_loop import write
from tests.running import until_built

TITLE = "Vi provar oss fram"
VAL = "Kommentarerna är stängda under valet."
PLAIN = {"java_script_enabled": False}


def local(**ahead: int) -> tuple[str, str]:
    """Date and time of day at some distance from now, as the form takes them."""
    then = datetime.now(ZoneInfo("Europe/Stockholm")) + timedelta(**ahead)
    return f"{then:%Y-%m-%d}", f"{then:%H:%M}"


def plan(desk: Page, start: tuple[str, str], end: tuple[str, str] = ("", "")) -> None:
    """Plan a period at the desk."""
    desk.goto("/moderering/brev")
    desk.get_by_role("link", name="Planera en period").click()
    for name, moment in (("Från *", start), ("Till", end)):
        group = desk.get_by_role("group", name=name)
        group.get_by_label("Datum").fill(moment[0])
        group.get_by_label("Klockslag").fill(moment[1])
    desk.get_by_label("Vad läsarna får veta *").fill(VAL)
    desk.get_by_role("button", name="Planera perioden").click()


def take_back(desk: Page) -> None:
    """Take back all that stands."""
    desk.goto("/moderering/brev")
    while desk.get_by_role("button", name="Häv perioden").count():
        desk.get_by_role("button", name="Häv perioden").first.click()
        expect(desk.get_by_text("Perioden är hävd.")).to_be_visible()


@pytest.fixture(autouse=True)
def open_again(site):
    """Who comes after a test finds the form on the page, as its first reader did."""
    yield
    until_built(site, LETTER, 'id="kommentera"')


@pytest.fixture
def desk(moderator):
    """A moderator without script, who takes back every period in the end."""
    page = moderator(**PLAIN)
    yield page
    take_back(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_form_that_is_open_when_a_period_begins_loses_nothing(site, visitor, desk, script):
    """The resident reads why it was not taken, and what was typed is there to send again or to copy."""
    resident = visitor(LETTER, java_script_enabled=script)
    plan(desk, local(minutes=-1), local(hours=2))
    expect(desk.get_by_text("Perioden är planerad.")).to_be_visible()
    until_built(site, LETTER, VAL)
    text = f"Mitt långa inlägg,\nsom inte får gå förlorat, med skript: {script}."
    write(resident, "En förälder i Väst", text)
    expect(resident.get_by_text(VAL)).to_be_visible()
    field = resident.get_by_label("Kommentar *" if script else "Det du skrev")
    expect(field).to_have_value(text)
    take_back(desk)
    if script:
        check(resident)
        resident.get_by_role("button", name="Skicka").click()
        expect(resident.get_by_text("Tack! Din kommentar har kommit fram.")).to_be_visible()


def test_readers_see_the_notice_and_then_the_form_again(visitor, desk):
    """Without script; the conversation stands all the while."""
    reader = visitor(LETTER, **PLAIN)
    plan(desk, local(minutes=-1))
    reload_until(reader, lambda: reader.get_by_text(VAL).is_visible())
    expect(reader.get_by_text("Stängt för nya kommentarer")).to_be_visible()
    expect(reader.get_by_label("Kommentar *")).to_have_count(0)
    assert reader.get_by_role("article").count() > 3
    take_back(desk)
    reload_until(reader, lambda: reader.get_by_label("Kommentar *").is_visible())


def test_a_letter_is_closed_and_opened_without_script(visitor, desk):
    """With words of its own, and who did it."""
    desk.goto("/moderering/brev")
    letter = desk.get_by_role("article").filter(has_text=TITLE)
    letter.get_by_text("Stäng …").click()
    letter.get_by_label("Vad läsarna får veta").fill("Tack för alla svar!")
    letter.get_by_role("button", name="Stäng för kommentarer").click()
    expect(letter.get_by_text("Stängt av granskare@lindhamn.example")).to_be_visible()
    reader = visitor(LETTER, **PLAIN)
    reload_until(reader, lambda: reader.get_by_text("Tack för alla svar!").is_visible())
    letter.get_by_role("button", name="Öppna för kommentarer").click()
    expect(letter.get_by_text("Tar emot kommentarer")).to_be_visible()
    reload_until(reader, lambda: reader.get_by_label("Kommentar *").is_visible())


def test_the_pages_have_no_faults(visitor, moderator):
    """The letters with periods of each kind, the form, the form with faults, and the closed letter."""
    desk = moderator()
    plan(desk, local(minutes=-1), local(hours=1))
    plan(desk, local(days=2), local(days=9))
    plan(desk, local(days=20))
    desk.get_by_role("button", name="Häv perioden").last.click()
    desk.get_by_text("Tidigare perioder").click()
    check(desk)
    desk.get_by_text("Stäng …").first.click()
    check(desk)
    reader = visitor(LETTER)
    reload_until(reader, lambda: reader.get_by_text(VAL).is_visible())
    check(reader)
    desk.get_by_role("link", name="Ändra").first.click()
    check(desk)
    plan(desk, local(days=3), local(days=2))
    expect(desk.get_by_role("alert")).to_be_focused()
    check(desk)
    take_back(desk)
