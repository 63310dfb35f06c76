"""The parts of the comment service, made once and shared by its views and its terminal commands."""

import threading
from typing import cast

from flask import current_app

from comments.letters import Letters
from comments.moderation import Moderation
from comments.publish import Publisher
from comments.reception import Reception
from comments.rendering import Renderer
from comments.settings import Settings, SettingsError
from comments.storage import Storage
from common.language import translations


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
        except SettingsError:
            self.storage.close()
            raise
        self.reception = Reception(
            self.storage,
            self.letters,
            self.words,
            self.key,
            facts.comments.max_characters,
            settings.rate_limit,
        )
        self.moderation = Moderation(self.storage, self.publisher, facts, self.words)
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin what runs beside the requests: writing what could not be published at once."""
        threading.Thread(target=self.publisher.keep_up, args=[self._ended], daemon=True).start()

    def close(self) -> None:
        """End it, and let go of the database."""
        self._ended.set()
        self.storage.close()


def service() -> Service:
    """The running application's parts."""
    return cast(Service, current_app.extensions["ordetfritt"])
