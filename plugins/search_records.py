"""What the search page finds: letters, pages and published comments, each as a small page that Pagefind reads.

One page of a conversation is one record, whose headings lead to the comments: a site of 1,000 letters then has
some 2,000 records, and not one for each comment.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import escape

from plugins.conversation import Conversation, further_pages
from plugins.published import everyone

Records = dict[str, dict[str, str]]
"""Language, then the record's address from the root without its first slash, then its HTML."""

IN_CONVERSATION = '<meta data-pagefind-filter="samtal:ja">'
"""The one filter, with one value: with more, Pagefind 1.5 writes other bytes each time."""
_LEFT_OUT = re.compile(r"<(/?)(?:footer|nav|form|label)\b")
_MARKS = re.compile(r'<sup id="fnref.*?</sup>|<a class="footnote-backref".*?</a>', re.DOTALL)
_ORDERS = re.compile(r"__+(?=(?:END_)?PAGEFIND_)")


def records(letters: Iterable[Any], pages: Iterable[Any]) -> Records:
    """Those of published letters and pages and of their translations, by the first part of their language's code."""
    found: Records = {}
    for text, path, html in [*_letters(_versions(letters)), *_pages(_versions(pages))]:
        found.setdefault(primary(text.lang), {})[path] = html
    return dict(sorted(found.items()))


def languages(letters: Iterable[Any], pages: Iterable[Any]) -> set[str]:
    """The languages that there are records in."""
    return {primary(text.lang) for text in [*_versions(letters), *_versions(pages)]}


def _versions(texts: Iterable[Any]) -> Iterator[Any]:
    for text in texts:
        yield from text.versions or [text]


def primary(language: str) -> str:
    """The first part of a language's code: "en" of "en-GB"."""
    return language.lower().partition("-")[0]


def _letters(letters: Iterable[Any]) -> Iterator[tuple[Any, str, str]]:
    for letter in letters:
        topics = ", ".join(tag.name for tag in getattr(letter, "tags", []))
        about = {"title": letter.title, "date": f"{letter.date:%Y-%m-%d}", "author": letter.author, "topics": topics}
        above = f"<p>{letter.ingress}</p><p>{letter.brief}</p>"
        yield letter, str(letter.url), record(letter.lang, about, f"{above}{letter.content}")
        for page in [letter.conversation, *further_pages(letter.conversation)]:
            if text := _comments(page):
                path = f"{letter.url}kommentarer/{page.page}/"
                yield letter, path, record(letter.lang, {"title": letter.title}, text, IN_CONVERSATION)


def _pages(pages: Iterable[Any]) -> Iterator[tuple[Any, str, str]]:
    for page in pages:
        yield page, str(page.url), record(page.lang, {"title": page.title}, page.content)


def _comments(page: Conversation) -> str:
    """The published comments of one page, each below a heading by which what is found leads to it."""
    return "".join(
        f'<h2 id="kommentar-{comment["id"]}" data-pagefind-weight="1">{escape(comment["author"])}</h2>{comment["html"]}'
        for comment in everyone(list(page.comments))
        if comment["state"] == "published"
    )


def record(language: str, about: dict[str, Any], body: str, head: str = "") -> str:
    """A page for Pagefind alone: `about` is found and shown, `body` is found and quoted.

    Pagefind leaves out what stands in a footer, as a letter's signature does, so that becomes a section; what
    pictures show is quoted as well. Words that are orders to Pagefind lose their force: whoever writes one in a
    comment must not steer or end it.
    """
    for name, value in about.items():
        if value:
            head += f'<meta data-pagefind-meta="{name}[content]" content="{escape(value)}">'
    text = _LEFT_OUT.sub(r"<\1section", _MARKS.sub("", str(body))).replace(
        "<img ", '<img data-pagefind-index-attrs="alt" '
    )
    html = f'<!doctype html><html lang="{escape(primary(language))}"><head>{head}</head><body>{text}</body></html>\n'
    return _ORDERS.sub("_", html)
