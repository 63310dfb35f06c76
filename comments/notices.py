"""The mails that the service writes, each in the transaction that causes it."""

import time
from gettext import NullTranslations

import sqlalchemy as sa

from comments.mail import Outbox, withdraw
from comments.storage import Storage, comments, outbox, reports, reviews
from comments.storage import accounts as table
from common.facts import Facts

WAITS = "comment-waits"
HOUR = 3600

# Made once: they run with each comment that comes in.
_an_hour = sa.bindparam("an_hour_ago", type_=sa.Float), sa.bindparam("now", type_=sa.Float)
_lately = outbox.c.state.in_(("sent", "failed")) & outbox.c.due.between(*_an_hour)
_told = (outbox.c.recipient == table.c.email) & (outbox.c.kind == WAITS) & ((outbox.c.state == "waiting") | _lately)
MODERATORS = sa.select(table.c.email, outbox.c.state, outbox.c.due).select_from(table.outerjoin(outbox, _told))
"""Every account, with each notice that it waits for or had within the hour."""

_waits = outbox.select().where(outbox.c.recipient == table.c.email, outbox.c.kind == WAITS, outbox.c.state == "waiting")
UNTOLD = sa.select(sa.func.count(table.c.id)).where(~_waits.correlate(table).exists()).scalar_subquery()
"""How many accounts wait for no notice: for these `comment_waits` has something to do."""


class Notices:
    """What moderators are told by mail; `origin` is where its links lead, never what a request says of itself."""

    def __init__(self, storage: Storage, mails: Outbox, facts: Facts, words: NullTranslations) -> None:
        self.storage = storage
        self.mails = mails
        self.title = facts.title
        self.origin = facts.url
        self._ = words.gettext

    def comment_waits(self) -> None:
        """Tell every moderator that a comment waits: at most once an hour, and nothing of what it says."""
        now = time.time()
        told: dict[str, list[tuple[str, float]]] = {}
        for row in self.storage.rows(MODERATORS, {"an_hour_ago": now - HOUR, "now": now}):
            notices = told.setdefault(row["email"], [])
            if row["state"]:
                notices.append((row["state"], row["due"]))
        for email, notices in told.items():
            if all(state != "waiting" for state, _ in notices):
                due = max(due for _, due in notices) + HOUR if notices else None
                self.mails.write(WAITS, email, *self._waiting_words(), due=due)

    def _waiting_words(self) -> tuple[str, str]:
        _ = self._
        body = _("There is something to review at the moderators' desk of %(title)s:\n\n%(link)s\n")
        values = {"title": self.title, "link": f"{self.origin}/moderering/"}
        return _("Comments wait for review"), body % values

    def nothing_waits(self) -> None:
        """In the transaction of a decision: where it was the last to take, send no notice of what waited."""
        waits = [comments.c.state == "pending", reports.c.state == "open", reviews.c.state == "open"]
        if all(self.storage.row(sa.select(sa.literal(1)).where(each).limit(1)) is None for each in waits):
            withdraw(self.storage, WAITS)
