"""Letters of a later date: nobody meets them before their minute, and their faults are told when they are written."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from plugins.moments import moment, possible
from tests.site.conftest import Site

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PUBLISH = "publishconf.py"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put the builder's clock to a moment of UTC."""
    return lambda text: monkeypatch.setattr(time, "time", lambda: datetime.fromisoformat(f"{text}Z").timestamp())


def local(text: str) -> datetime:
    """A date as a writer writes it."""
    return datetime.fromisoformat(text)


def test_a_letter_is_nowhere_before_its_minute(site: Site, clock: Callable[[str], None]) -> None:
    """Not its page, no list, feed or map, and no picture that it alone shows."""
    clock("2026-11-20T06:59:59")
    site.picture("kajen.svg")
    site.letter("nu", title="Nuet", date="2026-11-01")
    site.letter("sedan", title="Kvartilen", date="2026-11-20 08:00", tags="framtid", body="![Kajen](/images/kajen.svg)")
    site.built(PUBLISH)
    telling = [path for path in site.where.output.rglob("*") if path.is_file() and b"vartil" in path.read_bytes()]
    assert not telling
    assert not site.has("images/kajen.svg")
    assert not site.has("amnen/framtid/index.html")


def test_a_translation_goes_with_its_original(site: Site, clock: Callable[[str], None]) -> None:
    """When that gets a later date, though its own file is as it was."""
    clock("2026-11-20T06:59:59")
    site.letter("nu", date="2026-11-01")
    site.letter("brev", date="2026-11-02")
    site.letter("brev-en", date="2026-11-02", slug="brev", lang="en", translation="true")
    assert site.built(PUBLISH).has("2026/brev/en/index.html")
    site.letter("brev", date="2026-12-20")
    assert not site.built(PUBLISH).has("2026/brev/en/index.html")


def test_a_letter_comes_at_its_minute(site: Site, clock: Callable[[str], None]) -> None:
    """A build tells when the next one comes; one at that very second has it everywhere."""
    clock("2026-11-20T06:59:59")
    site.letter("nu", date="2026-11-01")
    site.letter("sedan", date="2026-11-20 08:00", title="Sedan")
    site.letter("senare", date="2026-11-21")
    assert site.build(PUBLISH).next_change == datetime.fromisoformat("2026-11-20T07:00Z").timestamp()
    clock("2026-11-20T07:00:00")
    assert site.build(PUBLISH).next_change == datetime.fromisoformat("2026-11-20T23:00Z").timestamp()
    assert [each["uri"] for each in json.loads(site.read("letters.json"))["letters"]] == ["/2026/sedan/", "/2026/nu/"]
    assert all("Sedan" in site.read(path) for path in ("2026/sedan/index.html", "index.html", "atom.xml"))


def test_work_shows_what_comes(site: Site, clock: Callable[[str], None]) -> None:
    """A writer reads the letter before its day; the page is built again when it is out."""
    clock("2026-11-20T06:00:00")
    site.letter("sedan", date="2026-11-20 08:00")
    assert site.build().next_change == datetime.fromisoformat("2026-11-20T07:00Z").timestamp()
    assert site.has("2026/sedan/index.html")


def test_a_coming_letter_is_checked_when_it_is_written(site: Site, clock: Callable[[str], None]) -> None:
    """At its minute nobody would be there to put it right."""
    clock("2026-11-20T06:00:00")
    site.letter("sedan", date="2026-11-20 08:00", body="![](/images/kajen.jpg) [Dit](/dit/)")
    faults = site.build(PUBLISH).faults
    assert len(faults) == 3
    assert all("sedan.md:5" in fault for fault in faults)


def test_a_link_must_not_lead_to_what_comes_later(site: Site, clock: Callable[[str], None]) -> None:
    """It would lead nowhere: today, or when the letter it stands in comes; the other way round is right."""
    clock("2026-11-20T06:00:00")
    site.letter("nu", date="2026-11-01", body="[Sedan](/2026/sedan/)")
    site.letter("sedan", date="2026-11-21", body="[Nu](/2026/nu/) och [senare](/2026/senare/)")
    site.letter("senare", date="2026-11-22", body="[Nu](/2026/nu/) och [sedan](/2026/sedan/)")
    faults = site.build(PUBLISH).faults
    assert [fault.split("letters/")[1].split(":")[0] for fault in faults] == ["nu.md", "sedan.md"]


def test_a_translation_waits_for_its_original(site: Site, clock: Callable[[str], None]) -> None:
    """Its own date may be earlier."""
    clock("2026-11-20T06:00:00")
    site.letter("sedan", date="2026-11-21")
    site.letter("later", date="2026-11-01", slug="sedan", lang="en", translation="true")
    site.built(PUBLISH)
    assert not site.has("2026/sedan/en/index.html")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-29 01:59", "2026-03-29T00:59"),
        ("2026-03-29 02:00", "2026-03-29T01:00"),
        ("2026-03-29 02:30", "2026-03-29T01:00"),
        ("2026-03-29 03:00", "2026-03-29T01:00"),
        ("2026-10-25 01:59", "2026-10-24T23:59"),
        ("2026-10-25 02:30", "2026-10-25T00:30"),
        ("2026-10-25 03:00", "2026-10-25T02:00"),
        ("2026-11-20", "2026-11-19T23:00"),
    ],
)
@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Europe/Stockholm"])
def test_summer_time_is_known(written: str, utc: str, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time that is skipped is the first after it, one that comes twice the first, wherever the machine stands."""
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    try:
        assert moment(local(written), STOCKHOLM) == datetime.fromisoformat(f"{utc}Z").timestamp()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_skipped_hour_is_shown_as_the_one_that_was(site: Site) -> None:
    """No page names a time that no clock has shown."""
    site.letter(date="2026-03-29 02:30")
    [advice] = [each for each in site.built().build().findings if "29 03:00" in each["message"]]
    assert (advice["line"], advice["level"]) == (2, "advice")
    assert 'datetime="2026-03-29T03:00:00+02:00"' in site.read("2026/brev/index.html")
    assert possible(local("2026-03-29 02:30"), STOCKHOLM) == local("2026-03-29 03:00")


@pytest.mark.parametrize(
    ("modified", "told"),
    [("2026-11-20", False), ("2026-11-20 16:00", False), ("2026-11-20 16:01", True), ("2026-11-21", True)],
)
def test_no_letter_was_changed_later_than_now(
    site: Site, clock: Callable[[str], None], modified: str, told: bool
) -> None:
    """In the site's own time, with or without an hour; once that time is there, nothing is said any more."""
    path = site.letter("brev", modified=modified)
    clock("2026-11-20T15:00:00")
    message = f"{path}:4: ”Modified” måste vara en tid som har varit, inte ”{modified}”"
    assert site.build().faults == ([message] if told else [])
    clock("2026-11-20T23:00:00")
    site.built()


def test_a_letter_to_come_may_have_been_changed_when_it_comes(site: Site, clock: Callable[[str], None]) -> None:
    """Not later; of a draft nobody asks yet."""
    clock("2026-11-10T08:00:00")
    site.letter("brev", modified="2026-11-20 08:00")
    site.letter("utkast", modified="2026-12-01", status="draft")
    site.built()
    site.letter("brev", modified="2026-11-20 08:01")
    assert "måste vara en tid som har varit" in site.build().faults[0]
