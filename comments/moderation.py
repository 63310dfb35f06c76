"""A comment's life after it is received: decisions, each one transaction with its row in the ledger.

pending → published | declined;  published → hidden → published;  what was decided → disposed

A declined comment is published after all where its writer asked for another look, and another moderator took it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from comments import ledger, reports
from comments.cases import Cases, edition
from comments.flags import flags
from comments.mail import forget
from comments.masking import DETAIL_CHARACTERS, NotThere, mask, shown
from comments.publish import Publisher
from comments.reception import SAME_SECONDS, is_plain
from comments.reports import NoReport
from comments.reviews import NoReview, SamePerson, StillOpen, open_review
from comments.storage import Storage, accounts, comments, drafts, editions
from common.facts import Facts
from common.language import marked as _
from common.reasons import LEGAL_GROUNDS, reasons

if TYPE_CHECKING:
    from comments.residents import Residents

Row = dict[str, Any]

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

STATE_NAMES = {
    "pending": _("waiting for review"),
    "published": _("published"),
    "declined": _("declined"),
    "hidden": _("hidden"),
    "disposed": _("disposed of"),
}

UNDO_SECONDS = 10
GRACE_SECONDS = 5
"""For what the way to the server takes."""

UNDOABLE = ("approved", "declined", "hidden", "restored", "masked", "unmasked")
MOST_DETAILS = 20
MASKED_CHARACTERS = 70_000
ACCOUNTS = sa.select(accounts.c.name, accounts.c.email)
REPLY_CHARACTERS = 10_000
NOTE_CHARACTERS = 2000
ASK_ANOTHER = _("The writer has asked for another look at your decision. It is for another moderator to take.")
LOOK_FIRST = _("The writer has asked for another look at the decision. Take that first.")


class Refused(Exception):
    """A decision that can't be taken; the message says why, in words for the moderator."""


class Overtaken(Refused):
    """It can't be taken any more: somebody else has decided, or the writer has changed the text."""


class Moderation(Cases):
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
        super().__init__(storage)
        self.publisher = publisher
        self.facts = facts
        self._ = words.gettext
        self.decided = decided
        self.residents = residents

    def reasons(self) -> dict[str, str]:
        """All reasons to decline or hide, code to text: the law's grounds, then the published rules."""
        return reasons(self.facts.reasons, self._)

    def groups(self, reasons: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
        """The same in the order in which they are looked for: the published rules, then the law's grounds."""
        rules = [each for each in reasons.items() if each[0] not in LEGAL_GROUNDS]
        law = [each for each in reasons.items() if each[0] in LEGAL_GROUNDS]
        named = [(self._("The rules for comments"), rules), (self._("What the law says must be removed"), law)]
        return [(name, group) for name, group in named if group]

    def case(self, id: int) -> Row:
        """One comment with its letter and what it answers; Refused if there is none."""
        found = self.find(id)
        if found is None:
            raise Refused(self._("There is no comment with number %d.") % id)
        return found

    def held_because(self, rows: Iterable[Row]) -> dict[int, list[str]]:
        """Why each comment waits, and what to look at twice in it: its number to "new" or "edited", then `flags`."""
        officials = self._officials()
        found = {row["id"]: flags(row, self.facts.moderation.words, officials) for row in rows}
        return {id: codes if "edited" in codes else ["new", *codes] for id, codes in found.items()}

    def _officials(self) -> list[dict[str, str]]:
        """Those who speak for the organisation, each {"name", "email"}."""
        facts = self.facts
        known = [{"name": row["name"], "email": row["email"]} for row in self.storage.rows(ACCOUNTS)]
        known += [{"name": writer.name, "email": ""} for writer in facts.writers]
        return [*known, {"name": facts.organisation, "email": facts.contact.email}]

    def decide(
        self, id: int, what: str, who: str, reason: str | None = None, note: str = "", seen: str | None = None
    ) -> Row:
        """Take a decision of STEPS; the public file is rewritten once it is committed. Refused if it can't be.

        `seen` is the edition that was read: a text that its writer changed since then is not decided about.
        """
        before_states, after_state = STEPS[what]
        explained = self._note(note)
        if what in NEEDS_REASON:
            self._check_reason(reason, self.facts.disposal if what == "disposed" else self.reasons())
        else:
            reason = None
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] not in before_states and not self._looks_again(what, row):
                raise Overtaken(self._overtaken(row))
            self._check_seen(row, seen)
            changes = {"state": after_state} | (WIPED if what == "disposed" else {})
            self._change(row, changes, what, who, reason, explained)
            if what == "disposed":
                self._wipe(id)
            self._tell_residents(id, who, reason, explained or "")
        return self.case(id)

    def undo(self, id: int, who: str) -> Row:
        """Take one's own decision back, within a few seconds and before anything else happened to the comment."""
        with self.storage.transaction():
            row = self.case(id)
            # What strangers say about a comment meanwhile keeps nobody from taking a decision back.
            rows = [each for each in ledger.history(self.storage, id) if each["what"] not in ledger.ASIDE]
            last = rows[-1]
            if last["what"] not in UNDOABLE or last["who"] != who:
                raise Overtaken(self._overtaken(row))
            if time.time() - last["at"] > UNDO_SECONDS + GRACE_SECONDS:
                raise Refused(self._("It is too late to undo that. Take another decision instead."))
            changes = {"state": last["before"], "masked": rows[-2]["masked"], "html": None, "renderer": None}
            stood: Row = next((each for each in reversed(rows[:-1]) if _explains(each, last["before"])), {})
            self._change(row, changes, "undone", who, stood.get("reason"), stood.get("note"))
            if last["before"] != last["after"] and self.residents:
                self.residents.undone(self.case(id), last["at"])
        return self.case(id)

    def mask(self, id: int, details: list[str], who: str, note: str = "", seen: str | None = None) -> Row:
        """Cover personal details, each as it stands in the text; what the writer wrote stays in the ledger."""
        details = [detail.strip() for detail in details if detail.strip()]
        if not details or len(details) > MOST_DETAILS:
            raise Refused(self._("Write what to mask as it stands in the comment, 1 to %d details.") % MOST_DETAILS)
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] not in ("pending", "published"):
                raise Overtaken(self._overtaken(row))
            self._check_seen(row, seen)
            try:
                masked = mask(shown(row), details)
            except NotThere as error:
                told = self._("“%s” does not stand in the comment. Copy it from there, letter by letter.")
                raise Refused(told % error.detail[:DETAIL_CHARACTERS]) from None
            if len(masked) > MASKED_CHARACTERS:
                raise Refused(self._("So many details can't be masked in a comment this long. Decline it instead."))
            changes = {"masked": masked, "html": None, "renderer": None}
            self._change(row, changes, "masked", who, note=self._note(note))
        return self.case(id)

    def unmask(self, id: int, who: str) -> Row:
        """Show again all that was masked in a comment."""
        with self.storage.transaction():
            row = self.case(id)
            if row["masked"] is None or row["state"] not in ("pending", "published"):
                raise Overtaken(self._overtaken(row))
            self._change(row, {"masked": None, "html": None, "renderer": None}, "unmasked", who)
        return self.case(id)

    def _change(
        self,
        row: Row,
        changes: Mapping[str, Any],
        what: str,
        who: str,
        reason: str | None = None,
        note: str | None = None,
    ) -> None:
        """Carry a decision out: the comment, the ledger's row and the thread's file, in the running transaction."""
        self.storage.execute(comments.update().where(comments.c.id == row["id"]).values(changes))
        ledger.record(self.storage, what, who, row, {**row, **changes}, reason, note)
        self.decided()
        self.publisher.decided(row["tid"])

    def uphold(self, id: int, who: str, note: str = "") -> None:
        """Let a decision stand that the writer asked to have looked at again; for another than who took it."""
        if self.residents is None:
            return
        try:
            self.residents.review_upheld(self.case(id)["id"], who, self._note(note) or "")
        except SamePerson:
            raise Refused(self._(ASK_ANOTHER)) from None
        except NoReview:
            raise Overtaken(self._("Somebody else has looked at the decision already.")) from None

    def dismiss(self, id: int, report: int, who: str, note: str = "") -> Row:
        """Settle a report of comment `id` without taking that down; gives the report's row."""
        if self.residents is None or report not in [row["id"] for row in reports.of(self.storage, self.case(id)["id"])]:
            raise Refused(self._("There is no such report."))
        try:
            return self.residents.report_settled(report, who, upheld=False, note=self._note(note) or "")
        except NoReport:
            raise Overtaken(self._("Somebody else has settled the report already.")) from None

    def _looks_again(self, what: str, row: Row) -> bool:
        """Whether a declined comment may be approved after all, because its writer asked for another look."""
        contested = what == "approved" and row["state"] == "declined"
        return contested and open_review(self.storage, row["id"]) is not None

    def needs_no_answer(self, id: int, who: str) -> None:
        """Take a question off the list of those that wait for the organisation's answer."""
        with self.storage.transaction():
            row = self.case(id)
            if row["asks"]:
                self.storage.execute(comments.update().where(comments.c.id == id).values(asks=0))
                ledger.record(self.storage, "needs-no-answer", who, row, row)

    def checked_reply(self, text: str) -> str:
        """An official answer as it is kept; Refused where it can't be."""
        text = text.replace("\r\n", "\n").strip()
        if len(text) < 3 or len(text) > REPLY_CHARACTERS or not is_plain(text, "\n\r\t"):
            raise Refused(self._("Write an answer of 3 to %d characters of plain text.") % REPLY_CHARACTERS)
        return text

    def reply(self, id: int, text: str, who: str, name: str, office: str, written_by: str | None = None) -> Row:
        """Answer a comment in the organisation's name; shown at once, with a badge that carries `office`.

        Where site.toml asks for a second pair of eyes, `written_by` is the moderator who wrote it, and not `who`.
        """
        if self.facts.moderation.second_pair_of_eyes and written_by in (None, who):
            raise Refused(self._("Another moderator has to read the answer before it is published."))
        text = self.checked_reply(text)
        with self.storage.transaction():
            row = self.case(id)
            if row["state"] != "published":
                raise Refused(self._("Approve the comment first. An answer can only stand under a published comment."))
            if before := self._said_before(id, text, name, office):
                return self.case(before)
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
            note = written_by if written_by != who else None
            ledger.record(self.storage, "replied", who, None, values | {"id": new}, note=note)
            self.storage.execute(comments.update().where(comments.c.id == id).values(asks=0))
            self.storage.execute(drafts.delete().where(drafts.c.comment == id, drafts.c.text == text))
            self._tell_residents(new, who)
            self.publisher.decided(row["tid"])
        return self.case(new)

    def _said_before(self, id: int, text: str, name: str, office: str) -> int | None:
        """The same answer from a moment ago: a button that was pressed twice."""
        same = (comments.c.parent == id) & (comments.c.state == "published") & (comments.c.text == text)
        same &= (comments.c.author == name) & (comments.c.official == office)
        lately = comments.c.created > time.time() - SAME_SECONDS
        return self.storage.execute(sa.select(comments.c.id).where(same, lately).limit(1)).scalar()

    def _wipe(self, id: int) -> None:
        for table in (editions, drafts):
            self.storage.execute(table.delete().where(table.c.comment == id))
        forget(self.storage, id)
        self.search.forget(id)
        self.storage.forget()

    def _note(self, note: str) -> str | None:
        note = note.strip()
        if len(note) > NOTE_CHARACTERS or not is_plain(note, "\n\r\t"):
            raise Refused(self._("Write an explanation of at most %d characters of plain text.") % NOTE_CHARACTERS)
        return note or None

    def _check_seen(self, row: Row, seen: str | None) -> None:
        if seen not in (None, edition(row)):
            raise Overtaken(self._("The comment was changed after you opened it. Read it again."))

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


def _explains(row: Row, state: str) -> bool:
    """Whether a row of the ledger says why a comment came into a state."""
    return row["after"] == state and row["reason"] is not None and row["before"] != row["after"]
