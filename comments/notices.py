"""The mails that the service writes, each in the transaction that causes it."""

import math
import time
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa

from comments import accounts
from comments.cases import MOST_COUNTED
from comments.mail import Outbox, withdraw
from comments.mail_text import Link, Mail, Part, as_html, as_text
from comments.storage import Storage, comments, feedback, outbox, reports, reviews
from comments.storage import accounts as table
from common.facts import Facts
from common.language import translations

WAITS = "comment-waits"
HOUR = 3600
PAUSES = {"hourly": HOUR, "at_once": 120}
"""What an account may choose, but for "never": so many seconds lie between two notices, and what comes is gathered."""
CHOICES = (*PAUSES, "never")

# Made once: they run with each comment that comes in.
_told_of = table.c.closed.is_(None) & (table.c.notices != "never")
_an_hour = sa.bindparam("an_hour_ago", type_=sa.Float), sa.bindparam("now", type_=sa.Float)
_lately = outbox.c.state.in_(("sent", "failed")) & outbox.c.due.between(*_an_hour)
_told = (outbox.c.recipient == table.c.email) & (outbox.c.kind == WAITS) & ((outbox.c.state == "waiting") | _lately)
_columns = table.c.email, table.c.notices, outbox.c.state, outbox.c.due
MODERATORS = sa.select(*_columns).select_from(table.outerjoin(outbox, _told)).where(_told_of)
"""Every account that is told, with each notice that it waits for or had within the hour."""

_waits = outbox.select().where(outbox.c.recipient == table.c.email, outbox.c.kind == WAITS, outbox.c.state == "waiting")
_untold = _told_of & ~_waits.correlate(table).exists()
UNTOLD = sa.select(sa.func.count(table.c.id)).where(_untold).scalar_subquery()
"""How many accounts wait for no notice: for these `comment_waits` has something to do."""

_WAITING = {
    "comments": comments.c.state == "pending",
    "reports": reports.c.state == "open",
    "reviews": reviews.c.state == "open",
    "feedback": feedback.c.state == "open",
}


class Notices:
    """What moderators are told by mail; `origin` is where its links lead, never what a request says of itself."""

    def __init__(self, storage: Storage, mails: Outbox, facts: Facts, words: NullTranslations) -> None:
        self.storage = storage
        self.mails = mails
        self.facts = facts
        self.title = facts.title
        self.origin = facts.url
        self._ = words.gettext

    def comment_waits(self) -> None:
        """Tell the moderators that something waits, each as often as they chose, and nothing of what it says."""
        self._tell(MODERATORS)

    def _tell(self, which: sa.Select[Any]) -> None:
        now = time.time()
        told: dict[tuple[str, str], list[tuple[str, float]]] = {}
        for row in self.storage.rows(which, {"an_hour_ago": now - HOUR, "now": now}):
            notices = told.setdefault((row["email"], row["notices"]), [])
            if row["state"]:
                notices.append((row["state"], row["due"]))
        for (email, choice), notices in told.items():
            if all(state != "waiting" for state, _ in notices):
                due = max((due for _, due in notices), default=-math.inf) + PAUSES[choice]
                self.mails.write(WAITS, email, self._("Comments wait for review"), "", due=max(due, now))

    def waiting_words(self, row: Mapping[str, Any]) -> dict[str, str] | None:
        """What a notice says at the moment when it is sent: how much waits. None for one who is not to be told."""
        account = accounts.find(self.storage, row["recipient"])
        numbers = {name: self._number(waits) for name, waits in _WAITING.items()}
        if account is None or account["closed"] or account["notices"] == "never" or not any(numbers.values()):
            return None
        mail = notice(numbers, self.facts, self.origin)
        return {"subject": mail.subject, "body": as_text(mail), "html": as_html(mail, self.facts.language)}

    def _number(self, waits: sa.ColumnElement[bool]) -> int:
        some = sa.select(sa.literal(1)).where(waits).limit(MOST_COUNTED).subquery()
        return int(self.storage.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())

    def choose(self, account: Mapping[str, Any], choice: str) -> None:
        """Let an account be told as often as it chose from now on; ValueError where there is no such choice."""
        if choice not in CHOICES:
            raise ValueError(choice)
        ours = (outbox.c.recipient == account["email"]) & (outbox.c.kind == WAITS) & (outbox.c.state == "waiting")
        with self.storage.transaction():
            self.storage.execute(table.update().where(table.c.id == account["id"]).values(notices=choice))
            waited = self.storage.row(sa.select(outbox.c.id).where(ours).limit(1))
            withdraw(self.storage, WAITS, account["email"])
            if waited:
                self._tell(MODERATORS.where(table.c.id == account["id"]))

    def nothing_waits(self) -> None:
        """In the transaction of a decision: where it was the last to take, send no notice of what waited."""
        waits = _WAITING.values()
        if all(self.storage.row(sa.select(sa.literal(1)).where(each).limit(1)) is None for each in waits):
            withdraw(self.storage, WAITS)


def notice(numbers: Mapping[str, int], facts: Facts, origin: str) -> Mail:
    """How much waits, by kind (comments, reports, reviews, feedback), and the way to the queue, by signing in."""
    _ = translations(facts.language).gettext
    kinds = {
        "comments": _("Comments that wait for review: %s"),
        "reports": _("Comments that a reader has reported: %s"),
        "reviews": _("Decisions that a writer asks to have looked at again: %s"),
        "feedback": _("Messages about the site's accessibility: %s"),
    }
    parts: list[Part] = [
        _("There is something to review at the moderators' desk of %(title)s.") % {"title": facts.title}
    ]
    parts += [words % _bounded(numbers[kind]) for kind, words in kinds.items() if numbers[kind]]
    parts.append(Link(_("Open the queue"), f"{origin}/moderering/"))
    why = _("You get this mail because you moderate the comments. How often you get one you choose yourself.")
    foot = (facts.organisation, why, Link(_("Your account"), f"{origin}/moderering/konto"))
    return Mail(_("To review: %s") % _bounded(sum(numbers.values())), tuple(parts), foot)


def _bounded(number: int) -> str:
    return str(number) if number < MOST_COUNTED else f"{MOST_COUNTED - 1}+"
