"""How long each has waited, against the promise: in the queue, in words and not by colour alone."""

import re
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from comments.storage import comments, reports, reviews


def at(text: str) -> float:
    """A moment in Lindhamn, in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Stockholm")).timestamp()


@pytest.fixture
def queue(desk, monkeypatch):
    """The queue as it looks at a moment, on one line without marks."""

    def queue(text: str, tab: str = "vantar") -> str:
        with monkeypatch.context() as later:
            later.setattr("comments.clocks.time", SimpleNamespace(time=lambda: at(text)))
            page = desk.get(f"/moderering/?visa={tab}").text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))

    return queue


@pytest.fixture
def came(post, parts):
    """Post a comment that came at a moment; gives its number."""

    def came(text: str) -> int:
        id = int(post().json["id"])
        parts.storage.execute(comments.update().where(comments.c.id == id).values(created=at(text)))
        return id

    return came


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-23 10:00", "9 arbetstimmar kvar"),
        ("2026-11-23 17:00", "2 arbetstimmar kvar"),
        ("2026-11-24 09:00", "1 arbetstimme kvar"),
        ("2026-11-24 09:30", "mindre än en arbetstimme kvar"),
        ("2026-11-24 10:30", "över tiden med mindre än en arbetstimme"),
        ("2026-11-24 12:59", "över tiden med 2 arbetstimmar"),
        ("2026-11-22 10:00", "9 arbetstimmar kvar"),  # a clock that was set back
    ],
)
def test_a_waiting_comment_shows_what_is_left_of_the_promise(came, queue, now, told):
    """In working hours: an evening takes none of them."""
    came("2026-11-23 10:00")
    assert told in queue(now)


def test_the_weekend_takes_nothing_of_the_promise(came, queue):
    """From Friday at four to Monday at nine are two working hours."""
    came("2026-11-20 16:00")
    assert "7 arbetstimmar kvar" in queue("2026-11-23 09:00")


def test_the_queue_says_how_many_are_late(came, queue):
    """All that wait, in each list; nothing where nobody is."""
    for day in (23, 23, 24):
        came(f"2026-11-{day} 10:00")
    assert "Senare än utlovat (inom en arbetsdag): väntar 2" in queue("2026-11-24 12:00", "alla")
    assert "Senare än utlovat" not in queue("2026-11-23 12:00")


def test_what_is_decided_has_no_clock(came, desk, queue):
    """Nobody waits for it."""
    desk.decide(came("2026-11-23 10:00"), "godkann")
    assert "arbetstim" not in queue("2026-11-24 12:00", "alla")


def test_reports_and_requests_for_another_look_have_clocks_of_their_own(came, desk, parts, queue):
    """From when they came, not from when the comment did."""
    reported, declined = came("2026-11-02 10:00"), came("2026-11-02 10:00")
    desk.decide(reported, "godkann")
    desk.decide(declined, "avboj", reason="regel-1")
    common = {"words": "", "created": at("2026-11-23 10:00")}
    report = {"comment": reported, "reason": "regel-1", "sender": "", "token": "t"}
    parts.storage.execute(reports.insert().values(report | common))
    parts.storage.execute(reviews.insert().values({"comment": declined, "first": desk.email} | common))
    assert "Anmälan: 2 arbetstimmar kvar" in queue("2026-11-23 17:00", "anmalda")
    assert "Omprövning: 2 arbetstimmar kvar" in queue("2026-11-23 17:00", "omprovning")
    late = queue("2026-11-24 12:00", "anmalda")
    assert "Anmälan: över tiden med 2 arbetstimmar" in late
    assert "Senare än utlovat (inom en arbetsdag): anmälda 1 omprövning 1" in late


def test_the_clocks_count_in_the_database_and_in_the_card_alike(came, parts, monkeypatch):
    """The number at the head is that of the cards that say so."""
    ids = [came(f"2026-11-{day} {hour}:30") for day in (20, 21, 23, 24) for hour in ("07", "12", "16", "23")]
    for now in ("2026-11-23 12:30", "2026-11-24 07:00", "2026-11-24 16:31", "2026-11-25 08:00"):
        with monkeypatch.context() as later:
            later.setattr("comments.clocks.time", SimpleNamespace(time=lambda now=now: at(now)))
            rows = [parts.moderation.case(id) for id in ids]
            cards = sum(clock["late"] for each in parts.clocks.of(rows).values() for clock in each)
            assert parts.clocks.late()["comments"] == cards
