"""What moderators close and open: one letter, or all letters during a period; each act signed, none forgotten."""

import time
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa

from comments import closures as standing
from comments.letters import Letter, Letters
from comments.publish import Publisher
from comments.reception import Reception, Rejected, is_plain, is_visible
from comments.storage import Storage, closures

Row = dict[str, Any]

NOTICE_CHARACTERS = 500


class Closing:
    """The acts of a moderator; each is a transaction, after which the builder's file is written anew.

    What can't be done is Rejected: 404 for what there is not, 409 where it is so already, 400 with what to mend.
    """

    def __init__(
        self, storage: Storage, letters: Letters, reception: Reception, publisher: Publisher, words: NullTranslations
    ) -> None:
        self.storage = storage
        self.letters = letters
        self.reception = reception
        self.publisher = publisher
        self._ = words.gettext

    def close(self, uri: str, who: str, notice: str = "") -> None:
        """Let a letter take no more comments, until somebody opens it; `notice` is what readers are told."""
        letter, flaws = self._letter(uri), self.flaws(notice, required=False)
        if flaws:
            raise Rejected(400, flaws["notice"], flaws)
        with self.storage.transaction():
            thread = self.reception.thread(letter)
            before = self._of(thread, "closed")
            if before:
                told = self._("The letter is already closed, by %s. Nothing was changed.")
                raise Rejected(409, told % before[0]["who"])
            self._lift(who, closures.c.thread == thread)
            self._insert(who, thread=thread, kind="closed", notice=_on_one_line(notice))

    def open(self, uri: str, who: str) -> None:
        """Let a letter take comments again: one that was closed by hand, or by its age."""
        letter = self._letter(uri)
        with self.storage.transaction():
            thread, now = self.reception.thread(letter), time.time()
            closed = self._of(thread, "closed")
            late = letter.closes is not None and letter.closes <= now and not self._of(thread, "open")
            if not closed and not late:
                raise Rejected(409, self._nothing_to_open(letter))
            self._lift(who, (closures.c.thread == thread) & (closures.c.kind == "closed"))
            if late:
                self._insert(who, thread=thread, kind="open", notice="")

    def _nothing_to_open(self, letter: Letter) -> str:
        if self.reception.standing(letter).why == "period":
            return self._("All letters are closed during a period. Lift or change the period to open them.")
        return self._("The letter is open already.")

    def plan(self, starts: float, ends: float | None, notice: str, who: str, instead_of: int | None = None) -> None:
        """Close all letters from `starts` until before `ends`, in the place of an earlier period where one is named."""
        flaws = self.flaws(notice)
        if ends is not None and ends <= starts:
            flaws["ends"] = self._("The period must end after it starts.")
        elif ends is not None and ends <= time.time():
            flaws["ends"] = self._("The period must end later than now.")
        if flaws:
            raise Rejected(400, " ".join(flaws.values()), flaws)
        notice = _on_one_line(notice)
        with self.storage.transaction():
            if instead_of is not None:
                self._lift(who, closures.c.id == self.period(instead_of)["id"])
            self._insert(who, thread=None, kind="closed", starts=starts, ends=ends, notice=notice)

    def lift(self, id: int, who: str) -> None:
        """Take a period back, whether it has begun or not."""
        with self.storage.transaction():
            self._lift(who, closures.c.id == self.period(id)["id"])

    def period(self, id: int) -> Row:
        """A period that stands and is not over; Rejected where there is none with that number."""
        known = (closures.c.id == id) & closures.c.thread.is_(None)
        row = self.storage.row(sa.select(closures).where(known)) if 0 < id < 2**63 else None
        if row is None:
            raise Rejected(404, self._("There is no such period."))
        if row["lifted"] is not None:
            told = self._("The period has been taken back or changed already, by %s. Nothing was changed.")
            raise Rejected(409, told % row["lifted_by"])
        if row["ends"] is not None and row["ends"] <= time.time():
            raise Rejected(409, self._("The period is over. Nothing was changed."))
        return row

    def periods(self, most: int = 50) -> list[Row]:
        """The periods, planned, running, over and taken back: the newest first."""
        periods = sa.select(closures).where(closures.c.thread.is_(None))
        return self.storage.rows(periods.order_by(closures.c.id.desc()).limit(most))

    def _letter(self, uri: str) -> Letter:
        letter = self.reception.letter(uri)
        if not letter.comments_open:
            raise Rejected(
                409, self._('The letter itself says "Comments: closed". Only who writes it can change that.')
            )
        return letter

    def flaws(self, notice: str, required: bool = True) -> dict[str, str]:
        """What is wrong with a notice, in words, as {"notice": …}; empty when all is well."""
        flaw = None
        if len(notice) > NOTICE_CHARACTERS:
            template = self._("The notice has %(has)d characters and may have at most %(most)d.")
            flaw = template % {"has": len(notice), "most": NOTICE_CHARACTERS}
        elif not is_plain(notice, "\n\r\t"):
            flaw = self._("This holds characters that can't be shown. Write it as plain text.")
        elif required and not is_visible(notice):
            flaw = self._("Write what readers are told.")
        return {"notice": flaw} if flaw else {}

    def _of(self, thread: int, kind: str) -> list[Row]:
        """What stands for one letter."""
        ours = standing.STANDS & (closures.c.thread == thread) & (closures.c.kind == kind)
        return self.storage.rows(sa.select(closures).where(ours))

    def _lift(self, who: str, which: sa.ColumnElement[bool]) -> None:
        lifted = closures.update().where(standing.STANDS, which).values(lifted=time.time(), lifted_by=who)
        self.storage.execute(lifted)
        self.storage.afterwards(self.publisher.publish_closures)

    def _insert(self, who: str, starts: float | None = None, ends: float | None = None, **values: Any) -> None:
        starts = float(int(time.time())) if starts is None else starts  # a whole second, as it is told
        self.storage.execute(closures.insert().values(who=who, starts=starts, ends=ends, **values))
        self.storage.afterwards(self.publisher.publish_closures)


def _on_one_line(notice: str) -> str:
    return " ".join(notice.split())
