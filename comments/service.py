"""The parts of the comment service, made once and shared by its views and its terminal commands."""

import threading
from typing import TYPE_CHECKING, cast

from flask import current_app

from comments.account_mails import AccountMails
from comments.closing import Closing
from comments.codes import Codes
from comments.followers import Followers
from comments.letters import Letters
from comments.mail import Outbox
from comments.moderation import Moderation
from comments.notices import UNTOLD, WAITS, Notices
from comments.publish import Publisher
from comments.reception import Reception
from comments.rendering import Renderer
from comments.reports import Reports
from comments.residents import Residents
from comments.settings import Settings, SettingsError
from comments.storage import Storage
from comments.throttle import Throttle
from comments.transports import transport
from common.language import translations

if TYPE_CHECKING:
    from comments.openid import OpenID

GOODBYE_SECONDS = 5
"""For so long a mail in the middle of being sent holds up the end; after a restart it would go out once more."""


class Service:
    """The parts of the service, as its views and its terminal commands use them."""

    def __init__(self, settings: Settings) -> None:
        facts = settings.facts
        self.settings = settings
        self.words = translations(facts.language)
        self.storage = Storage(settings.database)
        self.letters = Letters(settings.letters)
        self.render = Renderer()
        try:
            self.publisher = Publisher(self.storage, settings.published, self.render)
            self.key = settings.secret_key()
            self.outbox = Outbox(self.storage, transport(settings.smtp, settings.data / "mail"), facts)
        except SettingsError:
            self.storage.close()
            raise
        self.notices = Notices(self.storage, self.outbox, facts, self.words)
        self.outbox.at_last[WAITS] = self.notices.waiting_words
        self.account_mails = AccountMails(self.storage, self.outbox, self.notices, facts, self.words)
        self.codes = Codes(self.storage, self.key, f"{facts.title}, {facts.organisation}")
        self.throttle = Throttle(self.storage, self.key, settings.rate_limit)
        self.followers = Followers(self.storage, self.key)
        self.reception = Reception(
            self.storage,
            self.letters,
            self.words,
            self.key,
            facts.comments.max_characters,
            settings.rate_limit,
            self.notices.comment_waits,
            UNTOLD,
            self.followers.add,
        )
        self.closing = Closing(self.storage, self.letters, self.reception, self.publisher, self.words)
        self.reports = Reports(
            self.storage, self.reception, lambda: self.moderation.reasons(), self.notices.comment_waits
        )
        self.residents = Residents(
            self.storage,
            self.outbox,
            self.notices,
            self.letters,
            self.followers,
            facts,
            self.reception.secret_of,
            self.reports.secret,
        )
        self.moderation = Moderation(
            self.storage, self.publisher, facts, self.words, self.notices.nothing_waits, self.residents
        )
        self.openid = self._openid()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self.publisher.keep_up, args=[self._ended], daemon=True)
        self._sender = threading.Thread(target=self.outbox.keep_sending, args=[self._ended], daemon=True)

    def _openid(self) -> "OpenID | None":
        if self.settings.provider is None:
            return None
        from comments.openid import OpenID  # its library takes a quarter of a second to load

        return OpenID(self.storage, self.settings.provider)

    def start(self) -> None:
        """Begin what runs beside the requests: publishing what is not published yet, and sending mail."""
        self._keeper.start()
        self._sender.start()

    def close(self) -> None:
        """End it, and let go of the database."""
        self._ended.set()
        self.outbox.woken.set()
        for thread in (self._keeper, self._sender):
            if thread.is_alive():
                thread.join(GOODBYE_SECONDS)
        self.storage.close()


def service() -> Service:
    """The running application's parts."""
    return cast(Service, current_app.extensions["ordetfritt"])
