"""What a decision means for those outside: its writer, whom it answers, and who reported the comment.

All of it is written in the transaction of the decision. A mail is due a minute later, and is taken back
by whatever undoes or overtakes the decision before that.
"""

import time
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from comments import followers as following
from comments import ledger, reports, reviews
from comments.followers import Followers
from comments.letters import Letters
from comments.mail import Outbox, take_back
from comments.mail_text import Mail, as_html, as_text
from comments.notices import Notices
from comments.resident_mails import ResidentMails
from comments.storage import Storage, comments, outbox, threads
from common.facts import LANGUAGES, Facts

Row = dict[str, Any]

DELAY_SECONDS = 60
DECIDED = {"published": "comment-published", "declined": "comment-declined", "hidden": "comment-hidden"}
"""The states that a writer is told of, with their mails' kind."""
ANSWERED, SETTLED = "comment-answered", "report-settled"


class Residents:
    """Tells residents what was decided; `status` gives the secret of a comment's status page, or None."""

    def __init__(
        self,
        storage: Storage,
        mails: Outbox,
        notices: Notices,
        letters: Letters,
        followers: Followers,
        facts: Facts,
        status: Callable[[Row], str | None],
        report_page: Callable[[Row], str],
    ) -> None:
        self.storage = storage
        self.mails = mails
        self.notices = notices
        self.letters = letters
        self.followers = followers
        self.facts = facts
        self.status = status
        self.report_page = report_page

    def decided(self, case: Row, who: str, reason: str | None = None, note: str | None = None) -> None:
        """In the transaction of a decision: settle what it settles, tell whom it concerns.

        `case` is the comment as it stands now, with its letter's uri and title. reviews.SamePerson where its writer
        asked for another moderator than `who`; reviews.StillOpen where it is to be disposed of, and nobody has looked.
        """
        if case["state"] == "disposed":
            return self._forget(case["id"], who)
        review = reviews.open_review(self.storage, case["id"])
        if review:
            reviews.settle(self.storage, case["id"], who, changed=True, note=note or "")
        self._take_back(case)
        if case["state"] == "hidden":
            self._tell_reporters(reports.settle_all(self.storage, case["id"], who, note or ""), case)
        elif case["state"] == "published" and self._is_restored(case):
            self._tell_reporters(reports.overturn(self.storage, case["id"], who, note or ""), case)
        if case["state"] in DECIDED:
            self._tell_writer(case, reason, note, "changed" if review else None)
        if case["state"] == "published":
            self._tell_answered(case)
        return None

    def undone(self, case: Row, since: float) -> None:
        """In the transaction that undoes a decision taken at `since`: nobody is told, what it settled waits again."""
        self._take_back(case)
        reviews.reopen(self.storage, case["id"], since)
        reports.reopen(self.storage, case["id"], since)
        decision = ledger.decision(self.storage, case["id"])
        if case["state"] == "hidden" and decision:  # a restoration was undone: the reports were right, as before
            reports.settle_all(self.storage, case["id"], decision["who"], decision["note"] or "")

    def _is_restored(self, case: Row) -> bool:
        decision = ledger.decision(self.storage, case["id"])
        return decision is not None and decision["what"] == "restored"

    def review_upheld(self, comment: int, who: str, note: str = "") -> Row:
        """Another moderator lets a decision stand; gives the review. reviews.SamePerson, reviews.NoReview."""
        with self.storage.transaction():
            review = reviews.settle(self.storage, comment, who, changed=False, note=note)
            case = self._case(comment)
            self._take_back(case)
            self._tell_writer(case, None, note or None, "upheld")
            self.notices.nothing_waits()
        return review

    def report_settled(self, report: int, who: str, upheld: bool, note: str = "") -> Row:
        """A report is settled without a decision about its comment; gives its row. reports.NoReport."""
        with self.storage.transaction():
            row = reports.settle(self.storage, report, who, upheld, note)
            self._tell_reporters([row], self._case(row["comment"]))
            self.notices.nothing_waits()
        return row

    def _case(self, comment: int) -> Row:
        query = sa.select(comments, threads.c.uri, threads.c.title).join(threads).where(comments.c.id == comment)
        return self.storage.rows(query)[0]

    def _forget(self, comment: int, who: str) -> None:
        if reviews.open_review(self.storage, comment):
            raise reviews.StillOpen(comment)
        reports.settle_all(self.storage, comment, who)
        for each in (following, reviews, reports):
            each.forget(self.storage, comment)

    def _take_back(self, case: Row) -> None:
        """What was to be told of a decision that has been overtaken, and of an answer that may be gone again."""
        kinds = [*DECIDED.values(), ANSWERED, *([] if case["state"] == "hidden" else [SETTLED])]
        take_back(self.storage, (outbox.c.comment == case["id"]) & outbox.c.kind.in_(kinds))

    def _tell_writer(self, case: Row, reason: str | None, note: str | None, review: str | None) -> None:
        for follower in self.followers.of(case["id"]):
            told = self._told(follower)
            if told == case["state"] == "published" and not review:
                continue  # what the writer has heard of was overtaken before it was told
            words = self._words(case)
            mail = words.decided(case, follower, reason, note, review, again=told == "hidden")
            self._write(DECIDED[case["state"]], follower, case, mail, words)

    def _told(self, follower: Row) -> str | None:
        """The state that a follower was last told of."""
        ours = (outbox.c.comment == follower["comment"]) & (outbox.c.recipient == follower["email"])
        sent = ours & outbox.c.kind.in_(DECIDED.values()) & outbox.c.state.in_(("sent", "failed"))
        kind = self.storage.execute(sa.select(outbox.c.kind).where(sent).order_by(outbox.c.id.desc()).limit(1)).scalar()
        return next((state for state, its in DECIDED.items() if its == kind), None)

    def _tell_answered(self, case: Row) -> None:
        """The writer of what a published comment answers, where the address is confirmed and not the same person's."""
        if not case["parent"]:
            return
        own = (case["email"] or "").casefold()
        for follower in self.followers.of(case["parent"]):
            if follower["confirmed"] and follower["email"].casefold() != own and not self._answer_told(case, follower):
                words = self._words(case)
                self._write(ANSWERED, follower, case, words.answered(case, follower), words)

    def _answer_told(self, case: Row, follower: Row) -> bool:
        ours = (outbox.c.comment == case["id"]) & (outbox.c.recipient == follower["email"])
        sent = ours & (outbox.c.kind == ANSWERED) & (outbox.c.state != "closed")
        return self.storage.row(sa.select(outbox.c.id).where(sent).limit(1)) is not None

    def _tell_reporters(self, settled: list[Row], case: Row) -> None:
        for report in (each for each in settled if each["email"]):
            words = self._words(case)
            mail = words.report_settled(case, report, self.report_page(report))
            self._put(SETTLED, report["email"], case, mail, words)

    def _words(self, case: Row) -> ResidentMails:
        """Sentences in the letter's language, where we have it."""
        letter = self.letters.last_known(case["uri"])
        lang = letter.lang if letter and letter.lang in LANGUAGES else self.facts.language
        return ResidentMails(lang, self.facts, self.notices.origin, self.followers.secret, self.status)

    def _write(self, kind: str, follower: Row, case: Row, mail: Mail, words: ResidentMails) -> None:
        self._put(kind, follower["email"], case, mail, words, words.end_address(follower))

    def _put(
        self, kind: str, email: str, case: Row, mail: Mail, words: ResidentMails, unsubscribe: str | None = None
    ) -> None:
        self.mails.write(
            kind,
            email,
            mail.subject,
            as_text(mail),
            comment=case["id"],
            due=time.time() + DELAY_SECONDS,
            html=as_html(mail, words.lang),
            unsubscribe=unsubscribe,
        )
