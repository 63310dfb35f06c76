"""A comment's life after it is received: decisions, each one transaction with its row in the ledger.

pending → published | declined;  published → hidden → published
"""

import time
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa

from comments import ledger
from comments.publish import Publisher
from comments.reception import is_plain
from comments.storage import Storage, comments, threads
from common.facts import Facts

Row = dict[str, Any]


def _(sentence: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return sentence


STEPS = {
    "approved": ("pending", "published"),
    "declined": ("pending", "declined"),
    "hidden": ("published", "hidden"),
    "restored": ("hidden", "published"),
}
"""Each decision's state before and after."""

NEEDS_REASON = {"declined", "hidden"}

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
}

PAGE_SIZE = 50
REPLY_CHARACTERS = 10_000


class Refused(Exception):
    """A decision that can't be taken; the message says why, in words for the moderator."""


class Moderation:
    """The decisions that a moderator can take, from the desk or from a terminal."""

    def __init__(self, storage: Storage, publisher: Publisher, facts: Facts, words: NullTranslations) -> None:
        self.storage = storage
        self.publisher = publisher
        self.facts = facts
        self._ = words.gettext

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

    def cases(self, *states: str, page: int = 1) -> list[Row]:
        """A page of the comments in these states: waiting ones oldest first, others newest first."""
        order = comments.c.created if states == ("pending",) else comments.c.created.desc()
        query = _cases().where(comments.c.state.in_(states)).order_by(order, comments.c.id)
        return self.storage.rows(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))

    def counts(self) -> dict[str, int]:
        """Numbers of comments by state."""
        query = sa.select(comments.c.state, sa.func.count().label("number")).group_by(comments.c.state)
        return {row.state: row.number for row in self.storage.execute(query)}

    def decide(
        self, id: int, what: str, who: str, reason: str | None = None, note: str = "", seen: str | None = None
    ) -> Row:
        """Take a decision of STEPS; the public file is rewritten once it is committed. Refused if it can't be.

        `seen` is the edition that was read: a text that its writer changed since then is not decided about.
        """
        before_state, after_state = STEPS[what]
        if what in NEEDS_REASON:
            self._check_reason(reason)
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] != before_state:
                raise Refused(self._overtaken(row))
            if seen not in (None, edition(row)):
                raise Refused(self._("The writer changed the comment after you opened it. Read it again."))
            self.storage.execute(comments.update().where(comments.c.id == id).values(state=after_state))
            states = ledger.snapshot(row), ledger.snapshot(row | {"state": after_state})
            ledger.record(self.storage, id, who, what, *states, reason=reason, note=note.strip() or None)
            self.publisher.decided(row["tid"])
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
            ledger.record(self.storage, new, who, "replied", None, ledger.snapshot(values))
            self.publisher.decided(row["tid"])
        return self.case(new)

    def _check_reason(self, reason: str | None) -> None:
        if reason not in self.reasons():
            raise Refused(self._("Choose a reason. Without one there is no decision."))

    def _overtaken(self, row: Row) -> str:
        latest = ledger.latest(self.storage, row["id"])
        state = self.state_name(row["state"])
        if latest is None:
            return self._("Comment %(id)d is %(state)s.") % {"id": row["id"], "state": state}
        template = self._("Comment %(id)d is already %(state)s, by %(who)s. Nothing was changed.")
        return template % {"id": row["id"], "state": state, "who": latest["who"]}

    def state_name(self, state: str) -> str:
        """A state in words."""
        return self._(STATE_NAMES[state])


def edition(row: Row) -> str:
    """A mark of the text as it stands; each edit by its writer gives another."""
    return str(row["modified"] or "")


def held_because(row: Row) -> list[str]:
    """Why a comment waits: "new" as every comment is held, or "edited" by its writer."""
    return ["edited" if row["modified"] else "new"]


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
