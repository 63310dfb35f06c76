"""What people tell of the site's accessibility (13 § of the Act 2018:1937): a public record, handled by a moderator.

Anybody may, without a name. What was said is never changed or removed, and neither is what was noted when it was
handled: the database refuses it.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from comments.cases import MOST_COUNTED
from comments.reception import Reception, Rejected, is_plain, is_visible
from comments.storage import Storage, feedback

Row = dict[str, Any]

LIMITS = {"text": 5000, "page": 500, "contact": 254}
"""Characters of each field."""
NOTE_CHARACTERS = 2000
PER_MINUTE, PER_HOUR = 5, 50
"""From one network: more than people behind it write, fewer than bury the desk."""
SAYS = ("words", "page", "contact", "sender")

_open = feedback.c.state == "open"


class Feedback:
    """The way in and the desk's list; `waits` is called when something comes, `nothing_waits` when one is handled."""

    def __init__(
        self,
        storage: Storage,
        reception: Reception,
        waits: Callable[[], None] = lambda: None,
        nothing_waits: Callable[[], None] = lambda: None,
    ) -> None:
        self.storage = storage
        self.reception = reception
        self.waits = waits
        self.nothing_waits = nothing_waits
        self._ = reception._

    def take(self, form: Mapping[str, str], address: str) -> int:
        """Keep what a form with fields text, page, contact says; gives its number. Rejected, or StorageBusy."""
        values = self._values(form) | {"sender": self.reception.sender(address)}
        with self.storage.transaction():
            same = [feedback.c[name].is_not_distinct_from(values[name]) for name in SAYS]
            before = self.storage.row(sa.select(feedback.c.id).where(_open, *same).limit(1))
            if before:  # a page loaded again, a second press
                return int(before["id"])
            self._check_pace(values["sender"])
            new = feedback.insert().values(values | {"created": time.time()}).returning(feedback.c.id)
            id: int = self.storage.execute(new).scalar_one()
            self.waits()
        return id

    def _values(self, form: Mapping[str, str]) -> Row:
        given = {name: form[name].replace("\r\n", "\n").strip() for name in LIMITS}
        flaws = {name: self._flaw(name, text) for name, text in given.items()}
        found = {name: flaw for name, flaw in flaws.items() if flaw}
        if found:
            raise Rejected(400, self._("It was not sent. Something has to be changed first."), found)
        return {"words": given["text"], "page": given["page"] or None, "contact": given["contact"] or None}

    def _flaw(self, name: str, text: str) -> str | None:
        if name == "text" and not is_visible(text):
            return self._("Write what does not work.")
        if len(text) <= LIMITS[name] and is_plain(text, "\n\t" if name == "text" else ""):
            return None
        return self._("Write at most %d characters of plain text.") % LIMITS[name]

    def _check_pace(self, sender: str) -> None:
        if not self.reception.limited:
            return
        now = time.time()
        for seconds, most in ((60, PER_MINUTE), (3600, PER_HOUR)):
            lately = (feedback.c.sender == sender) & feedback.c.created.between(now - seconds, now)
            number = sa.select(sa.func.count()).select_from(feedback).where(lately)
            if self.storage.execute(number).scalar_one() >= most:
                raise Rejected(429, self._("Much has come from your network. Try again in a while."))

    def waiting(self, after: int | None = None, most: int = MOST_COUNTED) -> list[Row]:
        """What waits and follows number `after`, oldest first."""
        query = sa.select(feedback).where(_open, feedback.c.id > (after or 0))
        return self.storage.rows(query.order_by(feedback.c.id).limit(most))

    def handled(self, after: int | None = None, most: int = MOST_COUNTED) -> list[Row]:
        """What was handled and comes before number `after`, newest first."""
        query = sa.select(feedback).where(feedback.c.state == "handled")
        if after is not None:
            query = query.where(feedback.c.id < after)
        return self.storage.rows(query.order_by(feedback.c.id.desc()).limit(most))

    def number(self) -> int:
        """How much waits, counted up to MOST_COUNTED."""
        some = sa.select(feedback.c.id).where(_open).limit(MOST_COUNTED).subquery()
        return int(self.storage.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def handle(self, id: int, who: str, note: str) -> None:
        """Keep who has handled it, and how; Rejected with 400 for a note that won't do, 404, 409 where it is done."""
        note = note.replace("\r\n", "\n").strip()
        if not is_visible(note) or len(note) > NOTE_CHARACTERS or not is_plain(note, "\n\t"):
            flaw = self._("Write what was done, in at most %d characters of plain text.") % NOTE_CHARACTERS
            told = self._("It is not marked as handled. Something has to be changed first.")
            raise Rejected(400, told, {"note": flaw})
        with self.storage.transaction():
            which = feedback.c.id == (id if 0 < id < 2**63 else 0)
            if self.storage.row(sa.select(feedback.c.id).where(which)) is None:
                raise Rejected(404, self._("There is nothing at this address."))
            done = {"state": "handled", "who": who, "note": note, "handled": time.time()}
            if not self.storage.rows(feedback.update().where(which, _open).values(done).returning(feedback.c.id)):
                raise Rejected(409, self._("Somebody else has handled that already."))
            self.nothing_waits()
