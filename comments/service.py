"""The parts of the comment service, made once and shared by its views and its terminal commands."""

import threading
from typing import TYPE_CHECKING, cast

from flask import current_app

from comments import readers
from comments.account_mails import AccountMails
from comments.clocks import Clocks
from comments.closing import Closing
from comments.codes import Codes
from comments.feedback import Feedback
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
from comments.statistics import Statistics
from comments.storage import Storage
from comments.throttle import Throttle
from comments.transports import transport
from comments.working_hours import WorkingHours
from common.fact_values import FactsError
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
        self.hours = _working_hours(settings)
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
        self._see_to_accounts()
        self._take_comments()
        self._moderate()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self.publisher.keep_up, args=[self._ended], daemon=True)
        self._sender = threading.Thread(target=self.outbox.keep_sending, args=[self._ended], daemon=True)
        reading = [self.moderation.search, self.statistics], self._ended
        self._reader = threading.Thread(target=readers.keep_up, args=reading, daemon=True)

    def _see_to_accounts(self) -> None:
        facts = self.settings.facts
        self.account_mails = AccountMails(self.storage, self.outbox, self.notices, facts, self.words)
        self.codes = Codes(self.storage, self.key, f"{facts.title}, {facts.organisation}")
        self.throttle = Throttle(self.storage, self.key, self.settings.rate_limit)
        self.openid = self._openid()

    def _take_comments(self) -> None:
        self.followers = Followers(self.storage, self.key)
        self.reception = Reception(
            self.storage,
            self.letters,
            self.words,
            self.key,
            self.settings.facts.comments.max_characters,
            self.settings.rate_limit,
            self.notices.comment_waits,
            UNTOLD,
            self.followers.add,
        )
        self.closing = Closing(self.storage, self.letters, self.reception, self.publisher, self.words)
        self.reports = Reports(
            self.storage, self.reception, lambda: self.moderation.reasons(), self.notices.comment_waits
        )
        self.feedback = Feedback(self.storage, self.reception, self.notices.comment_waits, self.notices.nothing_waits)

    def _moderate(self) -> None:
        facts = self.settings.facts
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
        self.clocks = Clocks(self.storage, self.hours, self.words)
        self.statistics = Statistics(self.storage, self.hours, self.publisher, self.moderation.reasons)

    def _openid(self) -> "OpenID | None":
        if self.settings.provider is None:
            return None
        from comments.openid import OpenID  # its library takes a quarter of a second to load

        return OpenID(self.storage, self.settings.provider)

    def start(self) -> None:
        """Begin what runs beside the requests: publishing what is not published yet, sending mail, and counting."""
        for thread in (self._keeper, self._sender, self._reader):
            thread.start()

    def close(self) -> None:
        """End it, and let go of the database."""
        self._ended.set()
        self.outbox.woken.set()
        for thread in (self._keeper, self._sender, self._reader):
            if thread.is_alive():
                thread.join(GOODBYE_SECONDS)
        self.storage.close()


def _working_hours(settings: Settings) -> WorkingHours:
    try:
        return WorkingHours(settings.facts)
    except FactsError as error:
        raise error.at(settings.site) from None


def service() -> Service:
    """The running application's parts."""
    return cast(Service, current_app.extensions["ordetfritt"])
