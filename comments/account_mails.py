"""The mails about an account: an invitation, a new password, and what was changed; none signs in by itself."""

import time
from collections.abc import Mapping
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa

from comments import accounts, links
from comments.mail import Outbox
from comments.mail_text import Link, Mail, Part, as_html, as_text
from comments.notices import Notices
from comments.reception import EMAIL_CHARACTERS, is_plain
from comments.storage import Storage, outbox
from common.facts import Facts

INVITATION, PASSWORD, CHANGED = "invitation", "password", "account-changed"
HOUR = 3600
LINKS_PER_HOUR = 5
"""More than a person asks for, fewer than fill a mailbox."""


class AccountMails:
    """Written in the running transaction; their links lead where the notices' do."""

    def __init__(
        self, storage: Storage, mails: Outbox, notices: Notices, facts: Facts, words: NullTranslations
    ) -> None:
        self.storage = storage
        self.mails = mails
        self.notices = notices
        self.facts = facts
        self._ = words.gettext

    def link(self, secret: str) -> str:
        """The address of a one-time link."""
        return f"{self.notices.origin}/moderering/logga-in/{secret}"

    def invite(self, account: Mapping[str, Any]) -> str:
        """Mail an invitation; gives its address."""
        _ = self._
        with self.storage.transaction():
            address = self.link(links.new(self.storage, account["id"], "invitation"))
            values = {"title": self.facts.title, "organisation": self.facts.organisation}
            said = (
                _("You are invited to moderate the comments at %(title)s, %(organisation)s.") % values,
                _("The link leads to a page where you choose a password. It works once, within three days."),
                Link(_("Accept the invitation"), address),
            )
            self._write(INVITATION, account["email"], _("Invitation to moderate %s") % self.facts.title, said)
        return address

    def new_password(self, email: str) -> None:
        """Mail a link to choose a new password to the account with that address, a few times an hour.

        Where there is none, as much is written and taken back, so that the time it takes tells nobody.
        """
        with self.storage.transaction():
            fits = len(email) <= EMAIL_CHARACTERS and is_plain(email)
            account = accounts.find(self.storage, email) if fits else None
            usable = account is not None and _may_choose(account) and self._asked(account["email"]) < LINKS_PER_HOUR
            secret = links.new(self.storage, account["id"], "password") if account and usable else "-" * 32
            recipient = account["email"] if account and usable else ""
            id = self._write(PASSWORD, recipient, self._("Choose a new password"), self._new_password_words(secret))
            if not usable:
                self.storage.execute(outbox.delete().where(outbox.c.id == id))

    def _new_password_words(self, secret: str) -> tuple[Part, ...]:
        _ = self._
        return (
            _("Somebody, you perhaps, has asked for a new password at %s.") % self.facts.title,
            _("The link leads to a page where you choose it. It works once, within an hour."),
            Link(_("Choose a new password"), self.link(secret)),
            _("If you did not ask for it, you need do nothing."),
        )

    def _asked(self, email: str) -> int:
        """How many links were mailed to an address within the hour, by the index on state and due."""
        known = outbox.c.state.in_(("waiting", "sent", "failed", "closed"))
        recent = (outbox.c.due > time.time() - HOUR) & (outbox.c.created > time.time() - HOUR)
        its = (outbox.c.kind == PASSWORD) & (outbox.c.recipient == email)
        return int(self.storage.execute(sa.select(sa.func.count()).where(known, recent, its)).scalar_one())

    def changed(self, account: Mapping[str, Any], what: str) -> None:
        """Tell an account's owner, in a sentence, what was done with it: perhaps it was somebody else."""
        _ = self._
        said = (
            what,
            _("If it was not you, tell whoever sees to the accounts at once."),
            Link(_("Your account"), f"{self.notices.origin}/moderering/konto"),
        )
        self._write(CHANGED, account["email"], _("Your account at %s was changed") % self.facts.title, said)

    def _write(self, kind: str, recipient: str, subject: str, said: tuple[Part, ...]) -> int:
        mail = Mail(subject, said, (self.facts.organisation,))
        return self.mails.write(kind, recipient, subject, as_text(mail), html=as_html(mail, self.facts.language))


def _may_choose(account: Mapping[str, Any]) -> bool:
    """Whether a mail may lead to a password: not for one who signs in by the organisation's own account."""
    return account["closed"] is None and (account["password"] is not None or account["subject"] is None)
