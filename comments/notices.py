"""The mails that the service writes, each in the transaction that causes it."""

import time
from gettext import NullTranslations

import sqlalchemy as sa

from comments import accounts, links
from comments.mail import Outbox, withdraw
from comments.reception import EMAIL_CHARACTERS, is_plain
from comments.storage import Storage, comments, outbox, reports, reviews
from comments.storage import accounts as table
from common.facts import Facts

SIGN_IN, WAITS = "sign-in", "comment-waits"
HOUR = 3600
LINKS_PER_HOUR = 5
"""More than a person asks for, fewer than fill a mailbox."""

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

    def sign_in(self, email: str) -> None:
        """Mail a one-time link to the account with that address, a few times an hour.

        Where there is none, as much is written and taken back, so that the time it takes tells nobody.
        """
        with self.storage.transaction():
            account = accounts.find(self.storage, email) if len(email) <= EMAIL_CHARACTERS and is_plain(email) else None
            usable = account is not None and self._asked(account["email"]) < LINKS_PER_HOUR
            recipient = account["email"] if account and usable else ""
            secret = links.new(self.storage, account["id"], "terminal") if account and usable else "-" * 32
            id = self.mails.write(SIGN_IN, recipient, *self._sign_in_words(secret))
            if not usable:
                self.storage.execute(outbox.delete().where(outbox.c.id == id))

    def _asked(self, email: str) -> int:
        """How many links were mailed to an address within the hour, by the index on state and due."""
        known = outbox.c.state.in_(("waiting", "sent", "failed", "closed"))
        recent = (outbox.c.due > time.time() - HOUR) & (outbox.c.created > time.time() - HOUR)
        query = sa.select(sa.func.count()).select_from(outbox).where(known, recent)
        return int(
            self.storage.execute(query.where(outbox.c.kind == SIGN_IN, outbox.c.recipient == email)).scalar_one()
        )

    def _sign_in_words(self, secret: str) -> tuple[str, str]:
        _ = self._
        body = _(
            "Open this link to sign in to the moderators' desk of %(title)s. It works once, within 24 hours:\n\n"
            "%(link)s\n\n"
            "If you did not ask for it, you need do nothing.\n"
        )
        values = {"title": self.title, "link": f"{self.origin}/moderering/logga-in/{secret}"}
        return _("Sign in to %s") % self.title, body % values

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
