"""What is left of the promise to each who waits: writers, those who reported, those who asked for another look."""

import math
import time
from collections.abc import Iterable
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa

from comments.cases import MOST_COUNTED
from comments.storage import Storage, comments, reports, reviews
from comments.working_hours import WorkingHours

Row = dict[str, Any]

WAITING = {
    "comments": (comments, comments.c.state == "pending"),
    "reports": (reports, reports.c.state == "open"),
    "reviews": (reviews, reviews.c.state == "open"),
}
"""Who waits: each a table with "created", and which of its rows."""


class Clocks:
    """How long each has waited, against what site.toml promises."""

    def __init__(self, storage: Storage, hours: WorkingHours, words: NullTranslations) -> None:
        self.storage = storage
        self.hours = hours
        self.words = words

    def of(self, rows: Iterable[Row]) -> dict[int, list[Row]]:
        """What waits of each comment in `rows`, by its number: {"kind" of WAITING, "late", "told" in words}."""
        now, shown = time.time(), list(rows)
        found = {row["id"]: [self._clock("comments", row["created"], now)] if _waits(row) else [] for row in shown}
        for kind in ("reports", "reviews"):
            for id, since in self._oldest(kind, list(found)):
                found[id].append(self._clock(kind, since, now))
        return found

    def late(self) -> dict[str, int]:
        """How many of each of WAITING the promise is broken to; counted among the oldest MOST_COUNTED."""
        moment = self.hours.kept_since(time.time())
        counted = {}
        for kind, (table, waits) in WAITING.items():
            # By number, as they came: an index holds those that wait in that order.
            oldest = sa.select(table.c.created).where(waits).order_by(table.c.id).limit(MOST_COUNTED).subquery()
            query = sa.select(sa.func.count()).select_from(oldest).where(oldest.c.created < moment)
            counted[kind] = int(self.storage.execute(query).scalar_one())
        return counted

    def _oldest(self, kind: str, ids: list[int]) -> list[tuple[int, float]]:
        table, waits = WAITING[kind]
        since = sa.func.min(table.c.created).label("since")
        query = sa.select(table.c.comment, since).where(waits, table.c.comment.in_(ids)).group_by(table.c.comment)
        return [(row["comment"], row["since"]) for row in self.storage.rows(query)]

    def _clock(self, kind: str, since: float, now: float) -> Row:
        left = self.hours.left(since, now)
        return {"kind": kind, "late": left < 0, "told": self._told(left)}

    def _told(self, left: float) -> str:
        _, ngettext = self.words.gettext, self.words.ngettext
        number = math.floor(abs(left))
        if left < 0:
            if number == 0:
                return _("late by less than one working hour")
            return ngettext("late by %(num)s working hour", "late by %(num)s working hours", number) % {"num": number}
        if number == 0:
            return _("less than one working hour left")
        return ngettext("%(num)s working hour left", "%(num)s working hours left", number) % {"num": number}


def _waits(row: Row) -> bool:
    return bool(row["state"] == "pending")
