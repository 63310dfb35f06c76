"""What the feeds say of letters and comments, the same in Atom and in JSON Feed; every address in it is absolute."""

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from markupsafe import escape

from common.facts import LANGUAGES, Facts
from common.language import translations
from plugins.picture_markup import without_choice

LETTERS_MOST = 30
COMMENTS_MOST = 50
_ADDRESS = re.compile(r'(?<=\s)(href|src|poster)="([^"]*)"')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """An entry of a feed: `content` is HTML, the rest plain text; `id` stays the same for ever."""

    id: str
    link: str
    title: str
    content: str
    author: str
    published: datetime
    updated: datetime
    language: str
    summary: str = ""
    author_link: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""


def _in_short(letter: Any, facts: Facts) -> str:
    """A letter's summary in plain language, marked as such, where it has one."""
    heading = translations(letter.lang if letter.lang in LANGUAGES else facts.language).gettext("In short")
    return f"<p><strong>{heading}:</strong> {letter.brief}</p>\n" if letter.brief else ""


def letter_item(letter: Any, facts: Facts) -> Item:
    """A letter in full, begun by its summary in plain language where it has one."""
    link = facts.url + letter.uri
    content = _in_short(letter, facts) + letter.get_content(facts.url)
    picture = getattr(letter, "share_picture", None)
    return Item(
        id=lasting_id(link, letter.date),
        link=link,
        title=plain(letter.title.unescape()),
        content=absolute(content, link),
        author=plain(str(letter.author)),
        published=letter.date,
        updated=max(letter.date, getattr(letter, "modified", letter.date)),
        language=letter.lang,
        summary=plain(letter.summary.unescape()),
        author_link=f"{facts.url}/{letter.author.url}",
        tags=tuple(plain(tag.name) for tag in getattr(letter, "tags", [])),
        image=f"{facts.url}{picture.url}" if picture else "",
    )


def comment_item(letter: Any, comment: dict[str, Any], facts: Facts) -> Item:
    """A published comment."""
    names = {"author": comment["author"], "letter": letter.title.unescape()}
    link = facts.url + letter.conversation.permalink(comment["id"])
    created = datetime.fromisoformat(comment["created"])
    return Item(
        id=f"{lasting_id(facts.url + letter.uri, letter.date)}kommentar-{comment['id']}",
        link=link,
        title=plain(translations(facts.language).gettext("%(author)s on “%(letter)s”") % names),
        content=absolute(comment["html"], link),
        author=plain(comment["author"]),
        published=created,
        updated=datetime.fromisoformat(comment["edited"]) if comment["edited"] else created,
        language=facts.language,
    )


def newest_comments(letters: list[Any]) -> list[tuple[Any, dict[str, Any]]]:
    """The newest published comments under these letters, hidden ones left out, each with its letter."""
    found = [(letter, comment) for letter in letters for comment in letter.conversation.published]
    found.sort(key=lambda pair: (datetime.fromisoformat(pair[1]["created"]), pair[1]["id"]), reverse=True)
    return found[:COMMENTS_MOST]


def lasting_id(link: str, date: datetime) -> str:
    """A tag: URI (RFC 4151) of what is as lasting as the address: not of the day, which is put right at times."""
    parts = urlsplit(link)
    return f"tag:{parts.hostname},{date.year}:{parts.path}"


def absolute(html: str, link: str) -> str:
    """The same HTML with the addresses in it made whole, as seen from `link`, and without what XML forbids.

    Of a picture the one for every reader is left: feed readers clean the others away, or take the widest.
    """
    return plain(_ADDRESS.sub(lambda found: f'{found[1]}="{_whole(link, found[2])}"', without_choice(html)))


def _whole(link: str, address: str) -> str:
    """An attribute's address; Python-Markdown writes those of mails in numbers, one for each sign."""
    written = unescape(address)
    try:
        return address if _SCHEME.match(written) else str(escape(urljoin(link, written)))
    except ValueError:
        return address


def plain(text: str) -> str:
    """The text without the signs that XML forbids, lone surrogates too."""
    return _NOT_IN_XML.sub("", text)
