"""Writes the Atom feeds (RFC 4287): of letters, of each topic, of all comments and of each letter's comments.

They are written in work as well as in publication, so that what is previewed is what will be read.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from feedgenerator import Atom1Feed
from markupsafe import escape
from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.writers import Writer

from common.facts import Facts
from common.language import translations
from plugins.feed_items import LETTERS_MOST, Item, comment_item, letter_item, newest_comments, plain
from plugins.fingerprints import TEXTS, is_due


class Feed(Atom1Feed):  # type: ignore[misc]
    """A feed that is the same as long as its content is: an empty one has a date of its own, not today's."""

    newest = datetime(1970, 1, 1, tzinfo=UTC)

    def latest_post_date(self) -> datetime:
        """Called by the library."""
        return super().latest_post_date() if self.items else self.newest

    def item_attributes(self, item: dict[str, Any]) -> dict[str, str]:
        """Called by the library: what the entry's language is, where it is not the feed's."""
        return {"xml:lang": item["language"]} if item["language"] != self.feed["language"] else {}


Made = tuple[str, list[Any], Callable[[], Feed]]
"""A feed's address from the root, what it is made from, and what makes it."""


def atom(facts: Facts, name: str, title: str, page: str, items: list[Item]) -> Feed:
    """The feed at the address `name` from the root, of what is read at `page`."""
    feed = Feed(
        title=plain(title),
        link=f"{facts.url}{page}",
        description=None,
        subtitle=plain(facts.subtitle),
        language=facts.language,
        author_name=plain(facts.organisation),
        feed_url=f"{facts.url}{name}",
        feed_guid=f"{facts.url}{name}",
    )
    for item in items:
        feed.add_item(
            title=item.title,
            link=item.link,
            unique_id=item.id,
            description=str(escape(item.summary)) if item.summary else None,
            content=item.content,
            categories=item.tags,
            author_name=item.author,
            author_link=item.author_link or None,
            pubdate=item.published,
            updateddate=item.updated,
            language=item.language,
        )
    return feed


def feeds(generator: ArticlesGenerator) -> Iterator[Made]:
    """Every feed of the site.

    A letter has one of its comments. It begins with the first, and stays when all are hidden: somebody may follow it.
    """
    facts, letters = generator.settings["FACTS"], generator.articles
    gettext = translations(facts.language).gettext
    item = lru_cache(None)(lambda letter: letter_item(letter, facts))

    def of_letters(name: str, title: str, page: str, newest: list[Any]) -> Feed:
        return atom(facts, name, title, page, list(map(item, newest)))

    newest = letters[:LETTERS_MOST]
    yield "/atom.xml", newest, partial(of_letters, "/atom.xml", facts.title, "/", newest)
    for tag, tagged in generator.tags.items():
        page, newest = f"/{tag.url}", tagged[:LETTERS_MOST]
        title = gettext("%(topic)s – %(title)s") % {"topic": tag.name, "title": facts.title}
        yield f"{page}atom.xml", [tag, *newest], partial(of_letters, f"{page}atom.xml", title, page, newest)
    yield from comment_feeds(letters, facts)
    yield newest_comments_feed(letters, facts)


def comment_feeds(letters: list[Any], facts: Facts) -> Iterator[Made]:
    """The feeds of the comments on each of these letters."""
    for letter in letters:
        if letter.conversation.every:
            yield f"{letter.uri}kommentarer.xml", [letter], partial(comment_feed, letter, facts)


def newest_comments_feed(letters: list[Any], facts: Facts) -> Made:
    """The feed of the newest comments on all letters."""
    name, newest = "/kommentarer.xml", newest_comments(letters)
    title = translations(facts.language).gettext("Comments – %(title)s") % {"title": facts.title}
    told = [part for letter, comment in newest for part in (letter, comment["id"])]
    return name, told, lambda: atom(facts, name, title, "/", _items(newest, facts))


def comment_feed(letter: Any, facts: Facts) -> Feed:
    """The feed of a letter's comments."""
    name = f"{letter.uri}kommentarer.xml"
    title = translations(facts.language).gettext("Comments on %(title)s") % {"title": letter.title.unescape()}
    return atom(facts, name, title, letter.uri, _items(newest_comments([letter]), facts))


def _items(comments: list[tuple[Any, dict[str, Any]]], facts: Facts) -> list[Item]:
    return [comment_item(letter, comment, facts) for letter, comment in comments]


def write(found: Iterable[Made], writer: Writer) -> None:
    """Write those feeds whose items are others than at the last build."""
    for name, inputs, make in found:
        file = Path(writer.output_path, name.lstrip("/"))
        seen = None if name.endswith("/kommentarer.xml") else TEXTS
        if not is_due(writer.settings, name.lstrip("/"), writer.prints, *inputs, seen=seen):
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as opened:
            make().write(opened, "utf-8")


def _write(generator: ArticlesGenerator, writer: Writer) -> None:
    write(feeds(generator), writer)


def register() -> None:
    """Called by Pelican."""
    signals.article_writer_finalized.connect(_write)
