"""Reports: a reader says that a published comment breaks a rule or the law, and is told what came of it."""

import base64
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from comments import ledger
from comments.reception import Received, Reception, Rejected, hash_secret, is_plain
from comments.storage import Storage, comments, reports

Row = dict[str, Any]

WORDS_CHARACTERS = 2000
PER_MINUTE, PER_HOUR = 10, 100
"""Reports from one network: more than people behind it send, fewer than bury the queue."""
SAYS = ("comment", "sender", "reason", "words", "email")


class NoReport(ValueError):
    """There is no such report, or somebody has settled it already."""


class Reports:
    """The one way in for reports; `reasons` gives those that can be named, `waits` is called when one has come."""

    def __init__(
        self,
        storage: Storage,
        reception: Reception,
        reasons: Callable[[], Mapping[str, str]],
        waits: Callable[[], None] = lambda: None,
    ) -> None:
        self.storage = storage
        self.reception = reception
        self.reasons = reasons
        self.waits = waits
        self._ = reception._

    def report(self, comment: int, form: Mapping[str, str], address: str) -> Received:
        """Keep a report with fields reason, text, email; Rejected with 404 if there is no such published comment."""
        values = self._values(form)
        values |= {"comment": comment, "sender": self.reception.sender(address)}
        with self.storage.transaction():
            row = self.published(comment)
            before = self._sent_before(values)
            if before:
                return Received(before["id"], self.secret(before))
            self._check_pace(values["sender"])
            values["created"] = time.time()
            secret = self.secret(values)
            new = reports.insert().values(values | {"token": hash_secret(secret)}).returning(reports.c.id)
            id: int = self.storage.execute(new).scalar_one()
            ledger.record(self.storage, "reported", ledger.READER, row, row, values["reason"])
            self.waits()
        return Received(id, secret)

    def published(self, comment: int) -> Row:
        """The published comment with that number; Rejected with 404 if there is none."""
        row = self.storage.row(sa.select(comments).where(comments.c.id == comment)) if 0 < comment < 2**63 else None
        if row is None or row["state"] != "published":
            raise Rejected(404, self._("There is no such comment on the site. It may have been taken down already."))
        return row

    def find(self, secret: str) -> Row | None:
        """The report whose private page that opens, or None."""
        return self.storage.row(sa.select(reports).where(reports.c.token == hash_secret(secret)))

    def secret(self, row: Mapping[str, Any]) -> str:
        """What opens its private page: made from the report by our key, so that it can be told again."""
        told = json.dumps(["report", row["created"], *(row[name] for name in SAYS)])
        key = self.reception.key
        return base64.urlsafe_b64encode(hmac.digest(key, told.encode(), "sha256")[:24]).decode()

    def _values(self, form: Mapping[str, str]) -> Row:
        words = form["text"].replace("\r\n", "\n").strip()
        flaws = {
            "reason": None if form["reason"] in self.reasons() else self._("Choose what is wrong with the comment."),
            "text": self._words_flaw(words),
            "email": self.reception.email_flaw(form["email"]),
        }
        found = {field: flaw for field, flaw in flaws.items() if flaw}
        if found:
            raise Rejected(400, self._("The report was not sent. Something has to be changed first."), found)
        return {"reason": form["reason"], "words": words, "email": form["email"].strip() or None}

    def _words_flaw(self, words: str) -> str | None:
        if len(words) <= WORDS_CHARACTERS and is_plain(words, "\n\t"):
            return None
        return self._("Write at most %d characters of plain text.") % WORDS_CHARACTERS

    def _sent_before(self, values: Row) -> Row | None:
        """The same report while it is open: a page loaded again, a second press."""
        same = [reports.c[name].is_not_distinct_from(values[name]) for name in SAYS]
        return self.storage.row(sa.select(reports).where(reports.c.state == "open", *same).limit(1))

    def _check_pace(self, sender: str) -> None:
        if not self.reception.limited:
            return
        now = time.time()
        for seconds, most in ((60, PER_MINUTE), (3600, PER_HOUR)):
            lately = (reports.c.sender == sender) & reports.c.created.between(now - seconds, now)
            if self.storage.execute(sa.select(sa.func.count()).select_from(reports).where(lately)).scalar_one() >= most:
                raise Rejected(429, self._("Many reports have come from your network. Try again in a while."))


def settle(storage: Storage, report_id: int, who: str, upheld: bool, note: str = "") -> Row:
    """Keep what came of a report, with a row in the ledger, in the running transaction; NoReport where it is not open.

    A comment that is hidden settles all its reports: `settle_all`.
    """
    with storage.transaction():
        waits = (reports.c.id == report_id) & (reports.c.state == "open")
        found = _settle(storage, waits, who, upheld, note)
        if not found:
            raise NoReport(report_id)
        row = storage.rows(sa.select(comments).where(comments.c.id == found[0]["comment"]))[0]
        what = "report-upheld" if upheld else "report-dismissed"
        ledger.record(storage, what, who, row, row, found[0]["reason"], note or None)
    return found[0]


def settle_all(storage: Storage, comment: int, who: str, note: str = "") -> list[Row]:
    """When a comment is taken down: its open reports were right; the decision's own row in the ledger tells of it."""
    waits = (reports.c.comment == comment) & (reports.c.state == "open")
    return _settle(storage, waits, who, True, note)


def overturn(storage: Storage, comment: int, who: str, note: str = "") -> list[Row]:
    """When a comment that was taken down is restored: those who reported it were not right after all."""
    return _settle(storage, (reports.c.comment == comment) & (reports.c.state == "upheld"), who, False, note)


def _settle(storage: Storage, which: sa.ColumnElement[bool], who: str, upheld: bool, note: str) -> list[Row]:
    values = {"state": "upheld" if upheld else "dismissed", "who": who, "note": note or None, "decided": time.time()}
    return storage.rows(reports.update().where(which).values(values).returning(reports))


def of(storage: Storage, comment: int) -> list[Row]:
    """The reports of one comment, the oldest first."""
    return storage.rows(sa.select(reports).where(reports.c.comment == comment).order_by(reports.c.id))


def reopen(storage: Storage, comment: int, since: float) -> None:
    """When a decision is undone: what it settled at `since` (seconds since 1970) or later waits again."""
    settled = (reports.c.comment == comment) & (reports.c.decided >= since)
    again = {"state": "open", "who": None, "note": None, "decided": None}
    storage.execute(reports.update().where(settled).values(again))


def forget(storage: Storage, comment: int) -> None:
    """When a comment is disposed of: wipe what was said of it and by whom."""
    wiped = {"words": "", "email": None, "sender": "", "note": None}
    storage.execute(reports.update().where(reports.c.comment == comment).values(wiped))
