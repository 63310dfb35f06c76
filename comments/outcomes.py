"""What became of each comment, as the statistics count it: one row a comment, made from the ledger alone."""

import threading
from collections.abc import Callable
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from comments import readers
from comments.ledger import ASIDE
from comments.storage import Storage, comments, ledger, outcomes
from comments.working_hours import WorkingHours

Row = dict[str, Any]

NAME = "statistics"
CAME = ("received", "adopted")
"""How a comment of a resident begins; what the organisation says itself is not counted."""

_COLUMNS = ("id", "comment", "at", "what", "reason", "before", "after")
_TOLD = sa.select(*(ledger.c[name] for name in _COLUMNS), comments.c.created).join_from(ledger, comments)


class Outcomes:
    """Reads on in the ledger from where it, or another process, came to."""

    def __init__(self, storage: Storage, hours: WorkingHours) -> None:
        self.storage = storage
        self.hours = hours

    def is_whole(self) -> bool:
        """Whether all of the ledger is counted."""
        read, last = readers.place(self.storage, NAME)
        return read == last and not (read and self._is_empty())

    def keep_up(self, ended: threading.Event, progress: Callable[[int], object] = lambda rows: None) -> None:
        """Count on to the ledger's end, or until `ended` is set; `progress` is told how many more rows were read."""
        if self.is_whole():
            return
        self._begin_anew_if_lost()
        while not ended.is_set() and not readers.is_whole(self.storage, NAME):
            progress(readers.read_on(self.storage, NAME, self.take))
            ended.wait(readers.REST_SECONDS)

    def _is_empty(self) -> bool:
        return self.storage.row(sa.select(outcomes.c.comment).limit(1)) is None

    def _begin_anew_if_lost(self) -> None:
        with self.storage.transaction():
            read, last = readers.place(self.storage, NAME)
            if read > last or self._is_empty():
                self.storage.execute(outcomes.delete())
                readers.move(self.storage, NAME, 0)

    def take(self, begin: int, end: int) -> None:
        """Count anew each comment that the rows after `begin` and up to `end` tell of, in the running transaction."""
        ids = self._told_of(begin, end)
        history = _TOLD.where(ledger.c.comment.in_(ids), ledger.c.id <= end, ledger.c.what.not_in(ASIDE))
        rows = self.storage.rows(history.order_by(ledger.c.comment, ledger.c.id))
        answers = self._answers(ids, end)
        found = [self._outcome(list(group), answers.get(id)) for id, group in groupby(rows, lambda row: row["comment"])]
        self.storage.execute(outcomes.delete().where(outcomes.c.comment.in_(ids)))
        values = [outcome for outcome in found if outcome]
        if values:
            self.storage.execute(outcomes.insert(), values)

    def _told_of(self, begin: int, end: int) -> list[int]:
        """The comments that something happened to, and those that the organisation answered."""
        new = (ledger.c.id > begin) & (ledger.c.id <= end) & ledger.c.what.not_in(ASIDE)
        query = sa.select(ledger.c.comment, ledger.c.what, comments.c.parent).join_from(ledger, comments).where(new)
        rows = self.storage.rows(query)
        return sorted({row["parent"] if row["what"] == "replied" else row["comment"] for row in rows} - {None})

    def _answers(self, ids: list[int], end: int) -> dict[int, float]:
        """When the organisation first answered each of some comments."""
        answer = ledger.c.comment == comments.c.id
        first = sa.select(comments.c.parent, sa.func.min(ledger.c.at).label("at")).join_from(comments, ledger, answer)
        told = first.where(comments.c.parent.in_(ids), ledger.c.what == "replied", ledger.c.id <= end)
        return {row["parent"]: row["at"] for row in self.storage.rows(told.group_by(comments.c.parent))}

    def _outcome(self, rows: list[Row], answered: float | None) -> Row | None:
        """The row of `outcomes` that a comment's own rows of the ledger give; None where no resident wrote it."""
        came = rows[0]
        if came["what"] not in CAME:
            return None
        # Disposal wipes the words; what was decided before stays counted. A text that was changed waits again.
        kept = [row for row in rows if row["after"] != "disposed"]
        if not kept:
            return None  # deleted in Isso already: nothing is known of it but that it was
        newest = kept[-1]
        first = _first_decision(rows)
        # One that was taken over has waited elsewhere, before the promise was given here.
        timed = first is not None and came["what"] == "received"
        return {
            "comment": came["comment"],
            "month": self.hours.month(came["created"]),
            "decided": first["at"] if first else None,
            "hours": self.hours.between(came["created"], first["at"]) if first and timed else None,
            "outcome": None if newest["after"] == "pending" else newest["after"],
            "reason": _reason(rows, newest),
            "answered": answered,
        }


def _first_decision(rows: list[Row]) -> Row | None:
    """The first row that ended a comment's waiting and was not taken back at once."""
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        decided = row["before"] == "pending" and row["after"] in ("published", "declined")
        if decided and row["what"] != "undone" and (after is None or after["what"] != "undone"):
            return row
    return None


def _reason(rows: list[Row], newest: Row) -> str | None:
    """Why a comment was declined or hidden; masks in between say nothing of it."""
    if newest["after"] not in ("declined", "hidden"):
        return None
    reasons = [row["reason"] for row in rows if row["after"] == newest["after"] and row["reason"]]
    return reasons[-1] if reasons else None
