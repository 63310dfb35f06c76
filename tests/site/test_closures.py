"""Letters that take no comments: what readers see of it, and that page and service always agree."""

import itertools
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments.letters import Letters
from comments.publish import Publisher
from comments.reception import Reception, Rejected
from comments.rendering import Renderer
from comments.storage import Storage, closures, threads
from common.closures import next_change, standing
from common.language import translations
from plugins.closures import read_closures
from tests.site.conftest import Site, comment

PAGE = "2026/brev/index.html"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
VAL = "Stängt under valet, <till> & med den 14 september."


def at(text: str) -> float:
    """A moment of Swedish time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).timestamp()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put the builder's clock to a moment."""
    return lambda text: monkeypatch.setattr(time, "time", lambda: at(text))


def tell(site: Site, periods: list[Any] | None = None, letters: list[Any] | None = None) -> None:
    """Write closures.json, as the service would."""
    site.where.published.mkdir(parents=True, exist_ok=True)
    table = {"format": 1, "periods": periods or [], "letters": letters or []}
    (site.where.published / "closures.json").write_text(json.dumps(table), "utf-8")


def period(start: str, end: str | None, notice: str = VAL) -> dict[str, Any]:
    """An entry of it."""
    return {"starts": f"{start}+02:00", "ends": f"{end}+02:00" if end else None, "notice": notice}


def close_after(site: Site, days: int) -> None:
    """Write it into site.toml."""
    text = site.where.site.read_text("utf-8")
    site.where.site.write_text(text.replace("[comments]", f"[comments]\nclose_after_days = {days}"), "utf-8")


def is_open(page: str) -> bool:
    """Whether a page has the form; one without has no link to it and no script of it either."""
    signs = ("<comment-form", 'href="#kommentera"', "comment-form.js")
    shown = {sign in page for sign in signs}
    assert len(shown) == 1
    return shown.pop()


def test_readers_see_the_notice_instead_of_the_form(site: Site, clock: Callable[[str], None]) -> None:
    """During the period alone; the conversation stands, and the words are text, whatever signs they have."""
    site.letter()
    site.conversation("/2026/brev/", [comment(1)])
    tell(site, [period("2026-09-07T08:00:00", "2026-09-14T08:00:00")])
    for now, shown in (("2026-09-07 07:59:59", True), ("2026-09-07 08:00", False), ("2026-09-14 08:00", True)):
        clock(now)
        page = site.built().read(PAGE)
        assert is_open(page) is shown
        assert ("Stängt under valet, &lt;till&gt; &amp; med den 14 september." in page) is not shown
        assert ("/kommentarer/svara/1" in page) is shown
        assert "Kommentar 1." in page


def test_without_words_readers_see_what_they_always_saw(site: Site) -> None:
    """The page is the same to the byte as where the letter's own line closes it."""
    site.letter(comments="closed")
    before = site.built().read(PAGE)
    site.letter()
    one = {"uri": "/2026/brev/", "kind": "closed", **period("2026-01-01T08:00:00", None, "")}
    tell(site, letters=[one])
    assert site.built().read(PAGE) == before


def test_a_site_that_closes_nothing_is_built_as_before(site: Site) -> None:
    """An empty file, one with what is over, and none at all: the same pages to the byte."""
    site.letter()
    site.conversation("/2026/brev/", [comment(1)])

    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in site.built().where.output.rglob("*") if path.is_file()}

    before = files()
    for periods in ([], [period("2020-01-01T08:00:00", "2020-01-02T08:00:00"), period("2990-01-01T08:00:00", None)]):
        tell(site, periods)
        assert files() == before


def test_what_the_service_closes_is_not_told_back_to_it(site: Site) -> None:
    """letters.json says what the letter says of itself: what is opened again must not wait for a build."""
    site.letter()
    site.letter("stangt", comments="closed")
    tell(site, [period("2026-01-01T08:00:00", None)])
    told = {each["uri"]: (each["comments"], each["closes"]) for each in letters(site.built())}
    assert told == {"/2026/brev/": ("open", None), "/2026/stangt/": ("closed", None)}


def letters(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(site.read("letters.json"))["letters"]
    return found


@pytest.mark.parametrize(
    ("date", "closes"),
    [
        ("2026-09-20 08:00", "2026-10-20T08:00:00+02:00"),
        ("2026-10-01 08:00", "2026-10-31T08:00:00+01:00"),
        ("2026-09-25 02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-02-26", "2026-03-28T00:00:00+01:00"),
        ("9999-12-20", None),
    ],
)
def test_a_letter_closes_at_its_own_hour(site: Site, date: str, closes: str | None) -> None:
    """So many days after its date, by the clock of the place, whether that was changed in between or not."""
    close_after(site, 30)
    site.letter(date=date)
    assert [each["closes"] for each in letters(site.built())] == [closes]


def test_an_old_letter_is_closed_and_opened_by_hand(site: Site, clock: Callable[[str], None]) -> None:
    """The builder knows its age without the service."""
    close_after(site, 10)
    site.letter(date="2026-09-01 08:00")
    clock("2026-09-11 07:59:59")
    assert is_open(site.built().read(PAGE))
    clock("2026-09-11 08:00")
    assert not is_open(site.built().read(PAGE))
    tell(site, letters=[{"uri": "/2026/brev/", "kind": "open", **period("2026-09-11T08:00:00", None, "")}])
    assert is_open(site.built().read(PAGE))


def test_the_build_tells_when_its_pages_will_be_others(site: Site, clock: Callable[[str], None]) -> None:
    """The next beginning or end, whichever comes first: that is when the builder must build again."""
    close_after(site, 10)
    site.letter(date="2026-09-01 08:00")
    tell(site, [period("2026-09-07T08:00:00", "2026-09-14T08:00:00")])
    for now, next in (
        ("2026-09-01 08:00", "2026-09-07 08:00"),
        ("2026-09-07 08:00", "2026-09-11 08:00"),
        ("2026-09-11 08:00", "2026-09-14 08:00"),
        ("2026-09-14 08:00", None),
    ):
        clock(now)
        assert site.build().next_change == (at(next) if next else None)


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format": 2, "periods": [], "letters": []}',
        b'{"format": 1, "periods": []}',
        b'{"format": 1, "periods": [null], "letters": []}',
        b'{"format": 1, "periods": [{"starts": "2026-01-01", "ends": null, "notice": ""}], "letters": []}',
        b'{"format": 1, "periods": [{"starts": "2026-01-01T00:00+00:00", "ends": null, "notice": 7}], "letters": []}',
        b'{"format": 1, "periods": [{"starts": "2026-01-01T00Z", "ends": null, "notice": "\\ud800"}], "letters": []}',
        b'{"format": 1, "periods": [{"starts": 7, "ends": null, "notice": ""}], "letters": []}',
        b'{"format": 1, "periods": [], "letters": [{"uri": 1, "kind": "x", "starts": "", "ends": "", "notice": ""}]}',
    ],
)
def test_a_broken_file_leaves_the_last_good_one(site: Site, broken: bytes) -> None:
    """One warning says what is wrong; where there never was a good one, all stay open."""
    site.letter()
    file = site.where.published / "closures.json"
    tell(site, [])
    file.write_bytes(broken)
    assert len(site.build().warnings) == 1
    assert is_open(site.read(PAGE))
    tell(site, [period("2026-01-01T08:00:00", None)])
    site.built()
    file.write_bytes(broken)
    (warning,) = site.build().warnings
    assert "closures.json" in warning
    assert not is_open(site.read(PAGE))


# Page and service agree

URIS = [f"/2026/brev-{number}/" for number in range(4)]
NIGHT = at("2026-10-25 00:00")
"""In which the clocks are put back."""
hours = st.integers(0, 8).map(lambda number: NIGHT + number * 3600)
rows = st.fixed_dictionaries(
    {
        "thread": st.sampled_from([None, 1, 2, 3, 4]),
        "kind": st.sampled_from(["closed", "closed", "open"]),
        "starts": hours,
        "ends": st.none() | hours,
        "notice": st.sampled_from(["", "Stängt nu.", "Val & sommar"]),
        "lifted": st.sampled_from([None, None, None, 1.0]),
    }
).map(lambda row: row | {"who": "-"} | ({"kind": "closed"} if row["thread"] is None else {}))
numbers = itertools.count()
"""No two comments are the same: the second would be taken for the first, sent again."""
moments = st.tuples(hours, st.sampled_from([-0.001, 0, 0, 1])).map(sum)


@pytest.fixture
def service(site: Site) -> Any:
    """The service's own way in, on a database with the site's letters."""
    site.where.published.mkdir(parents=True)
    with closing(Storage(f"sqlite:///{site.where.data / 'comments.db'}")) as storage:
        storage.execute(threads.insert(), [{"uri": uri, "title": "Brev"} for uri in URIS])
        source = Letters(str(site.where.output / "letters.json"))
        reception = Reception(storage, source, translations("sv"), "k" * 32, 5000, limited=False)
        yield storage, Publisher(storage, site.where.published, Renderer()), reception


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(closed=st.lists(rows, max_size=5), days=st.sampled_from([0, 1, 30]), now=moments, own=st.integers(0, 3))
def test_page_and_service_agree(site: Site, service: Any, closed: list[Any], days: int, now: float, own: int) -> None:
    """Whatever was closed, opened and taken back, and at whichever moment: a form is shown where a post is taken."""
    storage, publisher, reception = service
    storage.execute(closures.delete())
    for row in closed:
        storage.execute(closures.insert().values(row))
    publisher.publish_closures()
    site.set_language("sv")
    close_after(site, days)
    for number in range(4):
        date = datetime.fromtimestamp(NIGHT, STOCKHOLM) - timedelta(days=30 if number % 2 else 1, hours=-2 * number)
        site.letter(f"brev-{number}", date=f"{date:%Y-%m-%d %H:%M}", comments="closed" if number == own else "open")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: now)
        report = site.build()
        assert (report.faults, report.warnings) == ([], [])
        reception.letters._stamp = None  # two builds within one tick of the disk's clock
        for uri in URIS:
            page = site.read(f"{uri[1:]}index.html")
            said = refusal(reception, uri, f"Nummer {next(numbers)}")
            assert is_open(page) is (said is None)
            notices = [each["notice"] for each in closed if each["notice"]]
            assert said not in notices or str(said).replace("&", "&amp;") in page


def refusal(reception: Reception, uri: str, text: str) -> str | None:
    """What a resident is told who posts now; None where the comment is taken."""
    try:
        reception.receive({"uri": uri, "parent": "", "author": "Eva", "email": "", "text": text}, "192.0.2.1")
    except Rejected as rejected:
        assert rejected.status == 403
        return rejected.message
    return None


@given(closed=st.lists(rows, max_size=5), closes=st.none() | hours, now=moments)
def test_nothing_changes_before_the_moment_that_is_told(closed: list[Any], closes: float | None, now: float) -> None:
    """Between two moments of `next_change` every letter stands as it stood."""
    told = [
        {
            key: None if row[key] is None else datetime.fromtimestamp(row[key], STOCKHOLM).isoformat()
            for key in ("starts", "ends")
        }
        | {"uri": row["thread"] and "/", "kind": row["kind"], "notice": row["notice"]}
        for row in closed
    ]
    table = {"format": 1, "periods": [each for each in told if not each["uri"]]}
    read = read_closures(json.dumps(table | {"letters": [each for each in told if each["uri"]]}).encode())
    next = next_change(read, [closes], now)
    later = next - 0.0001 if next else now + 1e9
    assert standing(True, closes, read, later) == standing(True, closes, read, now)
    assert standing(True, closes, [replace(each, ends=now) for each in read], now).why in ("open", "late")
    assert next is None or next > now
