"""A comment's life after it is received: decisions, each one transaction with its row in the ledger.

pending → published | declined;  published → hidden → published;  what was decided → disposed
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from comments import ledger
from comments.mail import forget
from comments.publish import Publisher
from comments.reception import is_plain
from comments.reviews import SamePerson, StillOpen
from comments.storage import Storage, comments, editions, threads
from common.facts import Facts

if TYPE_CHECKING:
    from comments.residents import Residents

Row = dict[str, Any]


def _(sentence: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return sentence


STEPS = {
    "approved": (("pending",), "published"),
    "declined": (("pending",), "declined"),
    "hidden": (("published",), "hidden"),
    "restored": (("hidden",), "published"),
    "disposed": (("published", "declined", "hidden"), "disposed"),
}
"""Each decision: the states that it can be taken in, and the one that it leads to."""

NEEDS_REASON = {"declined", "hidden", "disposed"}

WIPED = {
    "author": None,
    "email": None,
    "website": None,
    "text": "",
    "sender": "",
    "voters": b"",
    "html": None,
    "renderer": None,
    "masked": None,
    "fingerprint": None,
    "asks": 0,
}
"""What disposal leaves of a comment's words and its writer."""

LEGAL_GROUNDS = {
    "hot": _("Unlawful threats"),
    "integritet": _("Unlawful breach of privacy"),
    "uppvigling": _("Incitement to crime"),
    "hets": _("Agitation against a population group"),
    "barnpornografi": _("Child pornography"),
    "valdsskildring": _("Unlawful depiction of violence"),
    "terrorism": _("Public provocation to terrorism"),
    "upphovsratt": _("Breach of copyright"),
}
"""What must be removed: the Act on Responsibility for Electronic Bulletin Boards (1998:112), section 5."""

STATE_NAMES = {
    "pending": _("waiting for review"),
    "published": _("published"),
    "declined": _("declined"),
    "hidden": _("hidden"),
    "disposed": _("disposed of"),
}

PAGE_SIZE = 50
MOST_COUNTED = 1000
"""No page waits until a million comments are counted."""

REPLY_CHARACTERS = 10_000
NOTE_CHARACTERS = 2000
ASK_ANOTHER = _("The writer has asked for another look at your decision. It is for another moderator to take.")
LOOK_FIRST = _("The writer has asked for another look at the decision. Take that first.")


class Refused(Exception):
    """A decision that can't be taken; the message says why, in words for the moderator."""


class Moderation:
    """The decisions that a moderator can take, from the desk or from a terminal."""

    def __init__(
        self,
        storage: Storage,
        publisher: Publisher,
        facts: Facts,
        words: NullTranslations,
        decided: Callable[[], None] = lambda: None,
        residents: "Residents | None" = None,
    ) -> None:
        self.storage = storage
        self.publisher = publisher
        self.facts = facts
        self._ = words.gettext
        self.decided = decided
        self.residents = residents

    def reasons(self) -> dict[str, str]:
        """All reasons to decline or hide, code to text: the law's grounds, then the published rules."""
        law = {code: self._(name) for code, name in LEGAL_GROUNDS.items()}
        return law | dict(self.facts.reasons)

    def case(self, id: int) -> Row:
        """One comment with its letter and what it answers; Refused if there is none."""
        found = self.storage.row(_cases().where(comments.c.id == id)) if 0 < id < 2**63 else None
        if found is None:
            raise Refused(self._("There is no comment with number %d.") % id)
        return found

    def cases(self, state: str, after: int | None = None, most: int = PAGE_SIZE) -> list[Row]:
        """The comments in a state that follow comment `after`: waiting ones oldest first, others newest first."""
        return self._page(comments.c.state == state, after, most, rising=state == "pending")

    def by_email(self, email: str, after: int | None = None, most: int = PAGE_SIZE) -> list[Row]:
        """The comments of one writer in all states that follow comment `after`, newest first."""
        return self._page(sa.func.lower(comments.c.email) == sa.func.lower(email), after, most, rising=False)

    def _page(self, which: sa.ColumnElement[bool], after: int | None, most: int, rising: bool) -> list[Row]:
        # By number, which is the order of arrival whatever the clock said; from a number on, not by counting
        # the pages before, which takes the longer the more there are.
        query = _cases().where(which).order_by(comments.c.id if rising else comments.c.id.desc()).limit(most)
        if after is not None:
            query = query.where(comments.c.id > after if rising else comments.c.id < after)
        return self.storage.rows(query)

    def counts(self) -> dict[str, int]:
        """Numbers of comments by state, each counted up to MOST_COUNTED; states without any are left out."""
        found = {state: self.storage.execute(_counted(state)).scalar() or 0 for state in STATE_NAMES}
        return {state: number for state, number in found.items() if number}

    def decide(
        self, id: int, what: str, who: str, reason: str | None = None, note: str = "", seen: str | None = None
    ) -> Row:
        """Take a decision of STEPS; the public file is rewritten once it is committed. Refused if it can't be.

        `seen` is the edition that was read: a text that its writer changed since then is not decided about.
        """
        before_states, after_state = STEPS[what]
        note = note.strip()
        if what in NEEDS_REASON:
            self._check_reason(reason, self.facts.disposal if what == "disposed" else self.reasons())
        else:
            reason = None
        if len(note) > NOTE_CHARACTERS or not is_plain(note, "\n\r\t"):
            raise Refused(self._("Write an explanation of at most %d characters of plain text.") % NOTE_CHARACTERS)
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] not in before_states:
                raise Refused(self._overtaken(row))
            if seen not in (None, edition(row)):
                raise Refused(self._("The writer changed the comment after you opened it. Read it again."))
            changes = {"state": after_state} | (WIPED if what == "disposed" else {})
            self.storage.execute(comments.update().where(comments.c.id == id).values(changes))
            ledger.record(self.storage, what, who, row, row | changes, reason, note or None)
            if what == "disposed":
                self.storage.execute(editions.delete().where(editions.c.comment == id))
                forget(self.storage, id)
            self._tell_residents(id, who, reason, note)
            self.decided()
            self.publisher.decided(row["tid"])
            if what == "disposed":
                self.storage.forget()
        return self.case(id)

    def reply(self, id: int, text: str, who: str, name: str, office: str) -> Row:
        """Answer a comment in the organisation's name; shown at once, with a badge that carries `office`."""
        text = text.replace("\r\n", "\n").strip()
        if len(text) < 3 or len(text) > REPLY_CHARACTERS or not is_plain(text, "\n\r\t"):
            raise Refused(self._("Write an answer of 3 to %d characters of plain text.") % REPLY_CHARACTERS)
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] != "published":
                raise Refused(self._("Approve the comment first. An answer can only stand under a published comment."))
            values = {
                "tid": row["tid"],
                "parent": id,
                "root": row["root"] or id,
                "state": "published",
                "created": time.time(),
                "author": name,
                "official": office,
                "text": text,
                "sender": "",
                "voters": b"",
            }
            new = self.storage.execute(comments.insert().values(values).returning(comments.c.id)).scalar_one()
            ledger.record(self.storage, "replied", who, None, values | {"id": new})
            self._tell_residents(new, who)
            self.publisher.decided(row["tid"])
        return self.case(new)

    def _tell_residents(self, id: int, who: str, reason: str | None = None, note: str = "") -> None:
        if self.residents is None:
            return
        try:
            self.residents.decided(self.case(id), who, reason, note or None)
        except SamePerson:
            raise Refused(self._(ASK_ANOTHER)) from None
        except StillOpen:
            raise Refused(self._(LOOK_FIRST)) from None

    def _check_reason(self, reason: str | None, known: Mapping[str, str]) -> None:
        if reason not in known:
            raise Refused(self._("Choose a reason. Without one there is no decision."))

    def _overtaken(self, row: Row) -> str:
        latest = ledger.decision(self.storage, row["id"])
        state = self.state_name(row["state"])
        if latest is None or latest["who"] == ledger.AUTHOR:
            return self._("Comment %(id)d is %(state)s.") % {"id": row["id"], "state": state}
        template = self._("Comment %(id)d is already %(state)s, by %(who)s. Nothing was changed.")
        return template % {"id": row["id"], "state": state, "who": latest["who"]}

    def state_name(self, state: str) -> str:
        """A state in words."""
        return self._(STATE_NAMES[state])


def edition(row: Row) -> str:
    """A mark of a comment as it stands: an edit gives another, and so does a restore that gave its number anew."""
    said = [row[name] for name in ("id", "created", "modified", "author", "text")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def held_because(row: Row) -> list[str]:
    """Why a comment waits: "new" as every comment is held, or "edited" by its writer."""
    return ["edited" if row["modified"] else "new"]


def _counted(state: str) -> sa.Select[Any]:
    # By number, so that the index that begins with the state is read, and no more of it than is counted.
    one_state = sa.select(comments.c.id).where(comments.c.state == state)
    some = one_state.order_by(comments.c.id).limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some)


def _cases() -> sa.Select[Any]:
    answered = comments.alias("answered")
    return (
        sa.select(
            comments,
            threads.c.uri,
            threads.c.title,
            answered.c.author.label("answered_author"),
            answered.c.text.label("answered_text"),
        )
        .join_from(comments, threads, comments.c.tid == threads.c.id)
        .outerjoin(answered, answered.c.id == comments.c.parent)
    )
