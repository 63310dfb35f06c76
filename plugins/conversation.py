"""Puts each letter's published conversation into its page, and onto further pages when it is long."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator, Generator
from pelican.writers import Writer

from common.language import translations
from common.threads import comment_address, page_address
from plugins.closures import mark
from plugins.conversation_source import ConversationSource
from plugins.lost_conversations import lost_conversations, told
from plugins.published import Comment, everyone
from plugins.translations import every_letter

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Conversation:
    """One page of a letter's conversation; `count` counts the published comments of all its pages."""

    uri: str
    every: tuple[Comment, ...] = ()
    per_page: int = 50
    page: int = 1

    @cached_property
    def published(self) -> list[Comment]:
        """All published comments of all pages, replies after what they answer."""
        return [comment for comment in everyone(list(self.every)) if comment["state"] == "published"]

    @cached_property
    def count(self) -> int:
        """How many comments are published."""
        return len(self.published)

    @cached_property
    def newest_answer(self) -> Comment | None:
        """The latest published answer in the organisation's name."""
        return max((each for each in self.published if each["official"] and each["answers"]), key=_moment, default=None)

    @property
    def comments(self) -> tuple[Comment, ...]:
        """This page's top-level comments."""
        first = (self.page - 1) * self.per_page
        return self.every[first : first + self.per_page]

    @property
    def pages(self) -> int:
        """How many pages there are, 1 at least."""
        return max(1, -(-len(self.every) // self.per_page))

    def page_url(self, number: int) -> str:
        """The address of a page of the conversation, from the root; the first is the letter's own."""
        return page_address(self.uri, number)

    def permalink(self, comment_id: int) -> str:
        """The address of one comment, from the root, on whichever page it stands."""
        return comment_address(self.uri, self.every, comment_id, self.per_page)


def _moment(comment: Comment) -> datetime:
    return datetime.fromisoformat(comment["created"])


class ConversationPages(Generator):  # type: ignore[misc]
    """Writes the second and further pages of long conversations."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican."""
        for letter in self.context["articles"]:
            self.write_pages(letter, writer)

    def write_pages(self, letter: Any, writer: Writer) -> None:
        """Write those of one letter."""
        for page in further_pages(letter.conversation):
            name = f"{page.page_url(page.page).lstrip('/')}index.html"
            template = self.get_template("conversation")
            writer.write_file(name, template, self.context, article=letter, conversation=page)


def further_pages(conversation: Conversation) -> Iterator[Conversation]:
    """The pages after the first."""
    for number in range(2, conversation.pages + 1):
        yield replace(conversation, page=number)


def _attach(generator: ArticlesGenerator) -> None:
    settings = generator.settings
    per_page = settings["FACTS"].comments.per_page
    letters = every_letter(generator)
    for letter in letters:
        letter.uri = f"/{letter.url}"
        letter.takes_comments = letter.status == "published" and not letter.translated and _open(letter)
        letter.conversation = Conversation(letter.uri, per_page=per_page)
    gettext = translations(settings["FACTS"].language).gettext
    copies = Path(settings["DATA"], "conversations")
    source = ConversationSource(settings["CONVERSATIONS"], copies, gettext)
    generator.context["conversation_source"] = source
    # Also of the last good copies none is shown, as a build before may have kept them.
    found = {} if settings.get("WITHOUT_COMMENTS") else source.read_all(letter.uri for letter in generator.articles)
    days, now = settings["FACTS"].comments.close_after_days, time.time()
    generator.context["next_change"] = mark(letters, source.read_closures(), days, now)
    source.tell()
    for letter in generator.articles:
        if letter.uri in found:
            letter.conversation = replace(letter.conversation, every=tuple(found[letter.uri]))
    folder = Path(settings["CONVERSATIONS"])
    if not source.remote and any(lost_conversations(folder, (letter.uri for letter in letters))):
        # Of a draft, and of a letter that became a translation, the conversation stays where it was.
        addresses = ["/" + settings["ARTICLE_URL"].format(**letter.url_format) for letter in letters]
        for sentence in told(lost_conversations(folder, addresses), gettext):
            logger.warning("%s", sentence)


def _open(letter: Any) -> bool:
    return str(getattr(letter, "comments", "open")).lower() == "open"


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_attach)
    signals.get_generators.connect(_pages)


def _pages(_pelican: Any) -> type[Generator]:
    return ConversationPages
