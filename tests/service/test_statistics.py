"""The numbers: made from the ledger alone, the same by a slow way, and nothing personal in public."""

import csv
import io
import json
import threading
import time
from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comments import ledger, readers, statistics
from comments.moderation import Refused
from comments.statistics_csv import as_csv, safe
from comments.storage import comments, outcomes, positions
from comments.storage import ledger as rows
from comments.working_hours import WorkingHours
from tests.service.conftest import LETTER

BY = "moderator@lindhamn.example"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm")).timestamp()


class Clock:
    """The time, as it is set."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """A Monday morning at nine, until it is set otherwise."""
    clock = Clock()
    monkeypatch.setattr(time, "time", clock)
    return clock


@pytest.fixture
def parts(make_app):
    """The service, without limits on posting."""
    return make_app(RATE_LIMIT="off").extensions["ordetfritt"]


@pytest.fixture
def say(parts):
    """Let a resident say something new; gives its number."""

    def say(text: str = "") -> int:
        number = parts.storage.execute(sa.select(sa.func.count()).select_from(comments)).scalar()
        form = {"uri": LETTER, "author": "En boende", "email": "", "parent": "", "text": text or f"Text {number}"}
        return parts.reception.receive(form, "192.0.2.1").id

    return say


@pytest.fixture
def count(parts):
    """Count all; gives this November."""

    def count() -> dict[str, Any]:
        parts.statistics.outcomes.keep_up(threading.Event())
        return parts.statistics.year(2026)[10]

    return count


def decide(parts, id, what="approved", reason="regel-1"):
    parts.moderation.decide(id, what, BY, reason)


def kept(parts):
    """All that is counted, by comment."""
    return {row["comment"]: row for row in parts.storage.rows(outcomes.select())}


# What is counted


def test_a_month_is_counted(parts, say, count, clock):
    """What came, what became of it and why, and who was answered."""
    ids = [say() for _ in range(6)]
    clock.now += 3600
    decide(parts, ids[0])
    decide(parts, ids[1], "declined", "regel-1")
    decide(parts, ids[2], "declined", "hot")
    decide(parts, ids[3])
    decide(parts, ids[3], "hidden", "hot")
    parts.moderation.reply(ids[0], "Ett svar.", BY, "Stadsdirektören", "Lindhamns stad")
    month = count()
    assert {name: month[name] for name in ("received", "published", "declined", "hidden", "waiting", "answered")} == {
        "received": 6,
        "published": 1,
        "declined": 2,
        "hidden": 1,
        "waiting": 2,
        "answered": 1,
    }
    assert month["reasons"] == {"regel-1": 1, "hot": 1}
    assert (month["decided"], month["median_hours"]) == (4, pytest.approx(1))


def test_the_nearest_rank_is_told(parts, say, count, clock):
    """Of ten that took one to ten hours, half took five at most and nine of ten took nine."""
    ids = [say() for _ in range(10)]
    for number, id in enumerate(ids):
        clock.now = MONDAY + 3600 * (number + 1 if number < 8 else number + 16)
        decide(parts, id)
    month = count()
    assert month["median_hours"] == pytest.approx(5)
    assert month["p90_hours"] == pytest.approx(9)


def test_a_decision_that_is_taken_back_was_none(parts, say, count, clock):
    """Its reason and its time are not counted; the next decision is the first."""
    id = say()
    decide(parts, id, "declined")
    parts.moderation.undo(id, BY)
    month = count()
    assert (month["waiting"], month["declined"], month["decided"], month["reasons"]) == (1, 0, 0, {})
    clock.now += 7200
    decide(parts, id)
    assert count()["median_hours"] == pytest.approx(2)


def test_a_comment_that_is_disposed_of_stays_counted(parts, say, count):
    """As what it was decided to be."""
    id = say()
    decide(parts, id, "declined")
    before = count()
    decide(parts, id, "disposed", "gallring-1")
    assert count() == before


def test_a_report_or_a_mask_is_no_decision(parts, say, count, clock):
    """What is said about a comment leaves its outcome and its time as they were."""
    id = say("Ring mig på numret, sa han.")
    parts.moderation.mask(id, ["numret"], BY)
    assert count()["decided"] == 0
    decide(parts, id)
    before = count()
    clock.now += 3600
    parts.reports.report(id, {"reason": "regel-1", "text": "", "email": ""}, "192.0.2.9")
    assert count() == before


def test_an_official_answer_is_no_comment_that_came(parts, say, count):
    """Nor is it when it is hidden."""
    id = say()
    decide(parts, id)
    answer = parts.moderation.reply(id, "Ett svar.", BY, "Stadsdirektören", "Lindhamns stad")
    decide(parts, answer["id"], "hidden")
    month = count()
    assert (month["received"], month["hidden"], month["answered"]) == (1, 0, 1)


def test_a_clock_that_is_set_back_gives_no_negative_hours(parts, say, count, clock):
    """It was decided about at once, as far as anybody knows."""
    id = say()
    clock.now -= 48 * 3600
    decide(parts, id)
    assert count()["median_hours"] == 0


# The same by another, slow way


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["say", "approved", "declined", "hidden", "restored", "undo", "reply", "edit", "disposed"]),
        st.integers(0, 3),
        st.sampled_from([1, 60, 3600, 20 * 3600, 40 * 24 * 3600]),
    ),
    max_size=25,
)


def act(parts, say, what, id):
    """Do one thing, where it can be done."""
    if what == "say" or not id:
        return say()
    if what == "undo":
        return parts.moderation.undo(id, BY)
    if what == "reply":
        return parts.moderation.reply(id, "Ett svar.", BY, "Stadsdirektören", "Lindhamns stad")
    if what == "edit":
        return edit(parts, id)
    reason = "gallring-1" if what == "disposed" else "regel-1"
    return parts.moderation.decide(id, what, BY, reason)


def edit(parts, id):
    """As its writer changes it: it waits again."""
    row = parts.moderation.case(id)
    if row["state"] in ("pending", "published"):
        changes = {"text": row["text"] + " Ändrat.", "state": "pending", "modified": time.time()}
        with parts.storage.transaction():
            parts.storage.execute(comments.update().where(comments.c.id == id).values(changes))
            kept = {key: row[key] for key in comments.c.keys()}  # noqa: SIM118
            ledger.record(parts.storage, "edited", ledger.AUTHOR, kept, kept | changes)


def slowly(parts) -> dict[int, Any]:
    """The same rows, each from its comment's whole history: what was undone is struck out first."""
    found: dict[int, Any] = {}
    answered: dict[int, float] = {}
    hours = WorkingHours(parts.settings.facts)
    for comment in parts.storage.rows(comments.select().order_by(comments.c.id)):
        history = ledger.history(parts.storage, comment["id"])
        if history[0]["what"] == "replied":
            answered.setdefault(comment["parent"], history[0]["at"])
            continue
        trail: list[dict[str, Any]] = []
        for row in history:
            if row["what"] == "undone":
                trail.pop()
            elif row["what"] != "disposed":
                trail.append(row)
        firsts = [row for row in trail if row["before"] == "pending" and row["what"] in ("approved", "declined")]
        decided = firsts[0]["at"] if firsts else None
        last = [row for row in trail if row["before"] != row["after"]][-1]
        outcome = last["after"] if last["after"] != "pending" else None
        found[comment["id"]] = {
            "comment": comment["id"],
            "month": f"{datetime.fromtimestamp(comment['created'], ZoneInfo('Europe/Stockholm')):%Y-%m}",
            "decided": decided,
            "hours": None if decided is None else hours.between(comment["created"], decided),
            "outcome": outcome,
            "reason": last["reason"] if outcome in ("declined", "hidden") else None,
            "answered": None,
        }
    for id, at in answered.items():
        if id in found:
            found[id]["answered"] = at
    return found


@given(ACTIONS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_drawn_lives_are_counted_as_a_slow_recount_counts_them(parts, say, count, clock, actions):
    """Read on in pieces or all at once, with what was taken back struck out."""
    ids = [say(), say()]
    for what, which, seconds in actions:
        clock.now += seconds
        try:
            done = act(parts, say, what, ids[-1 - which % len(ids)])
        except Refused:
            continue
        if isinstance(done, int):
            ids.append(done)
        if which == 0:
            count()
    count()
    assert kept(parts) == slowly(parts)
    for year in statistics.years(parts.storage):
        for month in parts.statistics.year(year):
            these = [row for row in kept(parts).values() if row["month"] == month["month"]]
            timed = sorted(row["hours"] for row in these if row["hours"] is not None)
            declined = [row for row in these if row["outcome"] == "declined"]
            assert month["received"] == len(these)
            assert month["reasons"] == Counter(row["reason"] for row in declined)
            for part, name in ((0.5, "median_hours"), (0.9, "p90_hours")):
                enough = (hours for n, hours in enumerate(timed, 1) if n >= part * len(timed))
                assert month[name] == next(enough, None)


# Kept up


def test_what_is_lost_is_made_anew(parts, say, count):
    """The rows, or the note of how far they go, or both."""
    for each in (say(), say()):
        decide(parts, each)
    before = count(), kept(parts)
    for lose in ([outcomes.delete()], [positions.delete()], [positions.update().values(row=10**6)]):
        for statement in lose:
            parts.storage.execute(statement)
        assert (count(), kept(parts)) == before


def test_a_comment_from_before_there_were_statistics_counts(parts, say, count):
    """Nothing but the ledger is asked."""
    decide(parts, say())
    parts.storage.execute(outcomes.delete())
    parts.storage.execute(positions.update().values(row=0))
    assert count()["published"] == 1


def test_two_processes_count_each_row_once(make_app, parts, say, monkeypatch):
    """Whichever of them takes it."""
    monkeypatch.setattr(readers, "BATCH", 3)
    for _ in range(20):
        say()
    both = [parts, make_app(RATE_LIMIT="off").extensions["ordetfritt"]]
    threads = [threading.Thread(target=each.statistics.outcomes.keep_up, args=[threading.Event()]) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept(parts) == slowly(parts)


def test_the_running_service_keeps_statistics_and_search_up(parts, say, folder, monkeypatch):
    """Without a request that asks for either."""
    decide(parts, say("Lindarna vid kajen"))
    parts.start()
    until = time.monotonic() + 30
    file = folder / "var" / "published" / "statistics.json"
    while not (file.exists() and parts.moderation.by_words("lindarna")) and time.monotonic() < until:
        time.sleep(0.01)
    assert json.loads(file.read_text())["months"][-1]["published"] == 1
    assert parts.moderation.by_words("lindarna")


def test_one_reader_that_fails_does_not_stop_the_other(caplog):
    """It is told, and tried again."""
    ended = threading.Event()

    class Broken:
        def keep_up(self, ended):
            raise RuntimeError("broken")

    class Whole:
        def keep_up(self, ended):
            ended.set()

    readers.keep_up([Broken(), Whole()], ended, 0.01)
    assert ended.is_set()
    assert "Broken could not read on" in caplog.text


def test_the_median_of_the_last_90_days_needs_some_decisions(parts, say, count, clock):
    """And forgets the older ones."""
    for _ in range(statistics.LEAST):
        assert statistics.median_hours(parts.storage) is None
        id = say()
        clock.now += 3600
        decide(parts, id)
        count()
    assert statistics.median_hours(parts.storage) == pytest.approx(1)
    clock.now += statistics.LATELY_SECONDS
    assert statistics.median_hours(parts.storage) is None


def test_the_numbers_are_counted_off_an_index(parts, say, count):
    """No row of a large table is read for a page."""
    tz = "outcomes_by_"
    decide(parts, say())
    count()
    month = parts.statistics.year(2026)[10]
    queries = [
        statistics._counts("2026-01", "2026-12"),
        statistics._timed("2026-01", "2026-12"),
        statistics._percentiles([(month, 50)]),
    ]
    with parts.storage.engine.connect() as connection:
        server = connection.dialect.name == "postgresql"
        if server:
            connection.exec_driver_sql("SET enable_seqscan = off")
        for query in queries:
            text = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
            plan = connection.exec_driver_sql(("EXPLAIN " if server else "EXPLAIN QUERY PLAN ") + text).all()
            assert any(tz in str(row) and ("COVERING" in str(row) or server) for row in plan), plan
        connection.invalidate()


# In public


@pytest.fixture
def public(folder):
    """The public file."""
    return lambda: json.loads((folder / "var" / "published" / "statistics.json").read_text(encoding="utf-8"))


def test_no_median_of_a_few_singles_anybody_out(parts, say, count, clock, public):
    """A month with fewer than five timed decisions has none in public; the desk sees it."""
    for number in range(5):
        id = say()
        clock.now += 3600
        decide(parts, id)
        told = count()["median_hours"]
        parts.statistics.write()
        assert told is not None
        assert (public()["months"][-1]["median_hours"] is None) == (number < 4)


def test_the_public_file_holds_numbers_and_nothing_personal(parts, say, count, public):
    """Months and their numbers, and the reasons by year."""
    decide(parts, say("Hemligt ord"), "declined")
    count()
    parts.statistics.write()
    table = public()
    assert set(table) == {"format", "months", "declined"}
    assert table["declined"] == [{"year": 2026, "text": "Håll dig till ämnet.", "code": "regel-1", "number": 1}]
    assert "Hemligt" not in json.dumps(table)
    assert "@" not in json.dumps(table)


def test_the_file_is_written_when_something_changed_and_the_same_by_publish(parts, say, folder, public):
    """Also by another process, and it is left where it lies when all is published anew."""
    ended, file = threading.Event(), folder / "var" / "published" / "statistics.json"
    decide(parts, say())
    parts.statistics.keep_up(ended)
    first = file.stat()
    parts.statistics.keep_up(ended)
    parts.statistics.write()
    parts.publisher.publish_all()
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    file.unlink()
    parts.statistics._due = 0
    parts.statistics.keep_up(ended)
    assert public()["months"][-1]["received"] == 1


# At the desk and from a terminal


def test_the_desk_shows_a_year_with_charts_and_tables(desk, post):
    """Each chart has a name, a description and a table with its numbers."""
    desk.decide(post().json["id"], "godkann")
    page = desk.get("/moderering/statistik").text
    assert page.count('role="img"') == page.count("<title id=") >= 2
    assert page.count("<table") >= 2
    assert "style=" not in page


def test_the_desk_says_when_there_is_nothing_yet(desk):
    """Instead of empty charts."""
    page = desk.get("/moderering/statistik")
    assert page.status_code == 200
    assert "Här finns inget att räkna än" in page.text


@pytest.mark.parametrize("year", ["1999", "x", "-1", "9" * 30, "2026%00"])
def test_a_year_without_comments_is_not_there(desk, post, year):
    """404, in words."""
    post()
    assert desk.get(f"/moderering/statistik?ar={year}").status_code == 404
    assert desk.get(f"/moderering/statistik.csv?ar={year}").status_code == 404


def test_the_statistics_are_for_moderators(client):
    """Whoever is not signed in is asked to."""
    assert client.get("/moderering/statistik").status_code == 302
    assert client.get("/moderering/statistik.csv").status_code == 302


def test_a_spreadsheet_reads_the_download(desk, post):
    """UTF-8 with its mark, semicolons, one line for each month."""
    id = post().json["id"]
    desk.decide(id, "avboj", reason="regel-1")
    answer = desk.get("/moderering/statistik.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [line["Inkomna"] for line in lines] == ["1"]
    assert lines[0]["Avböjda: Håll dig till ämnet."] == "1"


@pytest.mark.parametrize("text", ["=1+1", "+46", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text):
    """Whatever a rule in site.toml begins with."""
    assert safe(text) == f"'{text}"


def test_numbers_are_written_as_the_language_writes_them(parts):
    """With a decimal comma in Swedish."""
    month = statistics._empty("2026-11") | {"median_hours": 1234.56}
    assert ";1234,56;" in as_csv([month], {}, "sv", parts.words)
    assert ";1234.56;" in as_csv([month], {}, "en", parts.words)


def test_the_writer_s_page_tells_the_measured_median(parts, say, count, clock, make_app):
    """Beside the promise, once there is one."""
    for _ in range(statistics.LEAST):
        id = say()
        clock.now += 1.5 * 3600
        decide(parts, id)
    count()
    client = make_app().test_client()
    fields = {"uri": LETTER, "author": "En boende", "email": "", "text": "Och nu?"}
    status = client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"}).json["status_url"]
    assert "inom 2 arbetstimmar" in client.get(status).text


def test_rows_are_read_to_the_last(parts, say, monkeypatch):
    """In batches, however many there are; the bar is told of each row once."""
    monkeypatch.setattr(readers, "BATCH", 4)
    for _ in range(11):
        say()
    told: list[int] = []
    parts.statistics.outcomes.keep_up(threading.Event(), told.append)
    assert sum(told) == parts.storage.execute(sa.select(sa.func.max(rows.c.id))).scalar() == 11
