"""Writes the Atom feeds of letters and of comments; every address in them is absolute (RFC 4287, RFC 3986).

Both are written in work as well as in publication, so that what is previewed is what will be read.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feedgenerator import Atom1Feed, get_tag_uri
from pelican import signals
from pelican.generators import ArticlesGenerator
from pelican.writers import Writer

from common.facts import Facts
from common.language import translations
from plugins.picture_markup import without_choice

LETTERS_MOST = 30
COMMENTS_MOST = 50
_FROM_ROOT = re.compile(r'(?<=\s)(href|src)="/(?!/)')
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Feed(Atom1Feed):  # type: ignore[misc]
    """A feed that is the same as long as its content is: an empty one has a date of its own, not today's."""

    newest = datetime(1970, 1, 1, tzinfo=UTC)

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else self.newest


def absolute(html: str, site: str) -> str:
    """The same HTML with links from the root made whole, and without the signs that XML forbids."""
    return _NOT_IN_XML.sub("", _FROM_ROOT.sub(rf'\1="{site}/', without_choice(html)))


def letters_feed(letters: list[Any], facts: Facts) -> Atom1Feed:
    """The newest letters, each in full."""
    feed = _feed(facts, facts.title, "atom.xml")
    for letter in letters[:LETTERS_MOST]:
        link = facts.url + letter.uri
        feed.add_item(
            title=_plain(letter.title.unescape()),
            link=link,
            unique_id=get_tag_uri(link, letter.date),
            description=absolute(str(letter.summary), facts.url),
            content=absolute(letter.get_content(facts.url), facts.url),
            categories=[_plain(tag.name) for tag in getattr(letter, "tags", [])],
            author_name=_plain(str(letter.author)),
            pubdate=letter.date,
            updateddate=getattr(letter, "modified", letter.date),
        )
    return feed


def comments_feed(letters: list[Any], facts: Facts) -> Atom1Feed:
    """The newest published comments under all letters, hidden ones left out."""
    gettext = translations(facts.language).gettext
    feed = _feed(facts, gettext("Comments – %(title)s") % {"title": facts.title}, "kommentarer.xml")
    found = [(letter, comment) for letter in letters for comment in letter.conversation.published]
    found.sort(key=lambda pair: (_moment(pair[1]), pair[1]["id"]), reverse=True)
    for letter, comment in found[:COMMENTS_MOST]:
        names = {"author": comment["author"], "letter": letter.title.unescape()}
        link = facts.url + letter.conversation.permalink(comment["id"])
        feed.add_item(
            title=_plain(gettext("%(author)s on “%(letter)s”") % names),
            link=link,
            unique_id=get_tag_uri(f"{facts.url}{letter.uri}#kommentar-{comment['id']}", letter.date),
            description=None,
            content=absolute(comment["html"], facts.url),
            author_name=_plain(comment["author"]),
            pubdate=_moment(comment),
            updateddate=datetime.fromisoformat(comment["edited"] or comment["created"]),
        )
    return feed


def _feed(facts: Facts, title: str, name: str) -> Atom1Feed:
    return _Feed(
        title=_plain(title),
        link=f"{facts.url}/",
        description=None,
        subtitle=_plain(facts.subtitle),
        language=facts.language,
        author_name=_plain(facts.organisation),
        feed_url=f"{facts.url}/{name}",
        feed_guid=f"{facts.url}/{name}",
    )


def _moment(comment: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(comment["created"])


def _plain(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _write(generator: ArticlesGenerator, writer: Writer) -> None:
    facts = generator.settings["FACTS"]
    for name, feed in {
        "atom.xml": letters_feed(generator.articles, facts),
        "kommentarer.xml": comments_feed(generator.articles, facts),
    }.items():
        with Path(generator.output_path, name).open("w", encoding="utf-8") as file:
            feed.write(file, "utf-8")


def register() -> None:
    """Called by Pelican."""
    signals.article_writer_finalized.connect(_write)
