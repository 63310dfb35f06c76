"""The numbers: what came and what became of it, month by month, and how long it took in working hours.

A percentile is the nearest rank: the time within which at least that part of the comments was decided about.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from comments.outcomes import Outcomes
from comments.publish import Publisher
from comments.storage import Storage, StorageBusy, outcomes
from comments.working_hours import WorkingHours

Row = dict[str, Any]

FILE = "statistics.json"
FORMAT = 1
LEAST = 5
"""Of fewer decisions no median is told in public, so that nobody is singled out."""

LATELY_SECONDS = 90 * 24 * 3600
PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 600
"""At least so long is between two versions of the public file: each has the whole site built again."""

COUNTED = ("published", "declined", "hidden")
MEDIAN, NINETIETH = 50, 90


class Statistics:
    """What is counted, kept up with the ledger; its public part is written beside the conversations."""

    def __init__(
        self, storage: Storage, hours: WorkingHours, publisher: Publisher, reasons: Callable[[], dict[str, str]]
    ) -> None:
        self.storage = storage
        self.outcomes = Outcomes(storage, hours)
        self.publisher = publisher
        self.reasons = reasons
        self._due = 0.0
        self._stale = True

    def keep_up(self, ended: threading.Event, progress: Callable[[int], object] = lambda rows: None) -> None:
        """Count on to the ledger's end, or until `ended` is set, and have the public file say the same."""
        if not self.outcomes.is_whole():
            self._stale = True
            self.outcomes.keep_up(ended, progress)
        missing = not (self.publisher.folder / FILE).exists()
        if (self._stale or missing) and time.monotonic() >= self._due and self.outcomes.is_whole():
            self._stale = False
            self.write()

    def catch_up(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Count on for `patience` seconds at most, for whoever looks now; whether all is counted."""
        ended = threading.Event()
        timer = threading.Timer(patience, ended.set)
        timer.start()
        try:
            self.outcomes.keep_up(ended)
        except StorageBusy:  # what is counted can be read all the same
            return False
        finally:
            timer.cancel()
        return self.outcomes.is_whole()

    def write(self) -> None:
        """Write the public file, whole or not at all, unless it says the same already; OSError where it can't be."""
        self.publisher.write(FILE, self._made)

    def _made(self) -> bytes:
        table = self.public()
        self._due = time.monotonic() + (PAUSE_SECONDS if table["months"] else 0)
        return json.dumps(table, ensure_ascii=False, indent=1).encode() + b"\n"

    def public(self) -> Row:
        """What everybody may know: numbers of each month, newest last, and why comments were declined each year."""
        months = [_public(row) for year in years(self.storage) for row in self.year(year)]
        came = [number for number, month in enumerate(months) if month["received"]]
        reasons = [row for year in years(self.storage) for row in self.declined(year)]
        return {"format": FORMAT, "months": months[came[0] : came[-1] + 1] if came else [], "declined": reasons}

    def year(self, year: int) -> list[Row]:
        """The twelve months of a year, each with its numbers, also those in which nothing came."""
        months = [f"{year}-{number:02}" for number in range(1, 13)]
        found = {month: _empty(month) for month in months}
        for row in self.storage.rows(_counts(months[0], months[-1])):
            _add(found[row["month"]], row)
        for row in self.storage.rows(_timed(months[0], months[-1])):
            found[row["month"]]["decided"] = row["number"]
        self._add_percentiles([month for month in found.values() if month["decided"]])
        return list(found.values())

    def _add_percentiles(self, months: list[Row]) -> None:
        asked = [(month, part) for month in months for part in (MEDIAN, NINETIETH)]
        if not asked:
            return
        found = {(row["month"], row["part"]): row["hours"] for row in self.storage.rows(_percentiles(asked))}
        for month in months:
            month["median_hours"] = found[month["month"], MEDIAN]
            month["p90_hours"] = found[month["month"], NINETIETH]

    def declined(self, year: int) -> list[Row]:
        """Why comments of a year were declined, the commonest first: {"year", "code", "text", "number"}."""
        counted, known = sa.func.count().label("number"), self.reasons()
        this = (outcomes.c.month >= f"{year}-01") & (outcomes.c.month <= f"{year}-12")
        query = sa.select(outcomes.c.reason.label("code"), counted).where(this, outcomes.c.outcome == "declined")
        rows = self.storage.rows(query.group_by(outcomes.c.reason))
        named = [{"year": year, "text": known.get(row["code"], row["code"] or ""), **row} for row in rows]
        return sorted(named, key=lambda row: (-row["number"], row["code"] or ""))


def years(storage: Storage) -> list[int]:
    """The years in which comments came, from the first to the last."""
    ends = [sa.select(end(outcomes.c.month)).scalar_subquery() for end in (sa.func.min, sa.func.max)]
    first, last = tuple(storage.execute(sa.select(*ends)).one())
    return list(range(int(first[:4]), int(last[:4]) + 1)) if first else []


def median_hours(storage: Storage) -> float | None:
    """Working hours within which half of what was decided about in the last 90 days was; None of too few."""
    lately = (outcomes.c.decided > time.time() - LATELY_SECONDS) & outcomes.c.hours.is_not(None)
    number = storage.execute(sa.select(sa.func.count()).select_from(outcomes).where(lately)).scalar_one()
    if number < LEAST:
        return None
    hours = sa.select(outcomes.c.hours).where(lately).order_by(outcomes.c.hours)
    return float(storage.execute(hours.limit(1).offset(rank(number, MEDIAN))).scalar_one())


def rank(number: int, part: int) -> int:
    """The place, from 0, of a percentile among so many values in order: nearest rank."""
    return max(0, -(-number * part // 100) - 1)


def _percentiles(asked: Iterable[tuple[Row, int]]) -> sa.CompoundSelect[Any]:
    named = [(sa.literal(month["month"]), sa.literal(part), _ranked(month, part)) for month, part in asked]
    parts = [sa.select(month.label("month"), part.label("part"), hours) for month, part, hours in named]
    return sa.union_all(*parts)


def _ranked(month: Row, part: int) -> sa.Label[float]:
    # By month and hours, as the index stands: the rows are counted off there, and none is read.
    timed = (outcomes.c.month == month["month"]) & outcomes.c.hours.is_not(None)
    hours = sa.select(outcomes.c.hours).where(timed).order_by(outcomes.c.month, outcomes.c.hours)
    return hours.limit(1).offset(rank(month["decided"], part)).scalar_subquery().label("hours")


def _counts(first: str, last: str) -> sa.Select[Any]:
    columns = outcomes.c.month, outcomes.c.outcome, outcomes.c.reason
    numbers = sa.func.count().label("number"), sa.func.count(outcomes.c.answered).label("answered")
    return sa.select(*columns, *numbers).where(outcomes.c.month.between(first, last)).group_by(*columns)


def _timed(first: str, last: str) -> sa.Select[Any]:
    timed = outcomes.c.month.between(first, last) & outcomes.c.hours.is_not(None)
    return sa.select(outcomes.c.month, sa.func.count().label("number")).where(timed).group_by(outcomes.c.month)


def _empty(month: str) -> Row:
    numbers = dict.fromkeys(("received", "waiting", *COUNTED, "answered", "decided"), 0)
    return {"month": month, **numbers, "reasons": {}, "median_hours": None, "p90_hours": None}


def _add(month: Row, row: Row) -> None:
    month["received"] += row["number"]
    month["answered"] += row["answered"]
    month[row["outcome"] or "waiting"] += row["number"]
    if row["outcome"] == "declined":
        month["reasons"][row["reason"]] = month["reasons"].get(row["reason"], 0) + row["number"]


def _public(month: Row) -> Row:
    told = month["decided"] >= LEAST
    hours = {name: round(month[name], 1) if told else None for name in ("median_hours", "p90_hours")}
    return {name: value for name, value in month.items() if name not in ("reasons", "decided")} | hours


def totals(months: Iterable[Row]) -> Row:
    """The sums of some months."""
    names = ("received", "waiting", *COUNTED, "answered", "decided")
    rows = list(months)
    return {name: sum(row[name] for row in rows) for name in names}
