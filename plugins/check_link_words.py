"""What a link must say: where it leads, also when read alone, as in a screen reader's list of links (WCAG 2.4.4)."""

import re
from collections.abc import Iterator

from plugins.as_published import Html, Place, Shown, said
from plugins.findings import Remark
from plugins.sources import Source
from plugins.wording import Gettext

EMPTY_WORDS = {
    "här", "klicka", "klicka här", "tryck här", "läs mer", "läs mera", "läs vidare", "läs mer här", "läs här", "se här",
    "se mer", "mer", "mera", "mer information", "mer info", "länk", "länken", "denna länk", "den här länken",
    "följ länken",
    "here", "click", "click here", "press here", "read more", "read on", "read more here", "learn more", "see more",
    "see here", "more", "more information", "more info", "link", "this link", "the link", "this page",
}  # fmt: skip
_LINK = re.compile(
    r"(?<![!\\])\[(?P<text>(?:[^\[\]\n]|\n(?!\n)|\[[^\[\]]*\])*)\](?:\((?!\s*\))|\s?\[[^\[\]\n]*\])"
    r"|<a\b(?P<rest>[^<>]*)>(?P<inner>(?:(?!<a\b).)*?)</a\s*>",
    re.IGNORECASE | re.DOTALL,
)
_PICTURE = re.compile(
    r"!\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])|<img\b[^<>]*?\balt\s*=\s*[\"']([^\"'<>]*)[\"'][^<>]*>",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\baria-label\s*=\s*[\"']?[^\s\"']|\bclass\s*=\s*[\"']footnote-", re.IGNORECASE)
_ENDS = re.compile(r"^[\W_]+|[\W_]+$")
_NO_WORDS = re.compile(r"<[^<>]*>|\{[^{}\n]*\}|[*_`\\]")


def check_link_words(source: Source, text: str, _: Gettext) -> Iterator[Remark]:
    """Yield (line, "must …") for every link that says "here" or nothing; `text` is the body without code."""
    if "](" not in text and "][" not in text and "<a" not in text.lower():
        return
    for link in _LINK.finditer(text):
        if link["inner"] is not None and not _is_read(link["rest"]):
            continue
        line = source.body_line + text.count("\n", 0, link.start())
        yield from ((line, message) for message in _wrong(_words(link["text"] or link["inner"] or ""), _))


def published_link_words(html: Html, _: Gettext) -> Iterator[Shown]:
    """The same of the links that there are in the end, however they were written."""
    for attributes, inner in html.elements("a"):
        if _is_read(attributes):
            words = said(inner)
            place = Place(words, rf"\[[^\]\n]*{re.escape(words)}|<a\b[^<>]*>[^<\n]*{re.escape(words)}")
            yield from ((place, message) for message in _wrong(words, _))


def _is_read(attributes: str) -> bool:
    """Whether it is a link that is read by its words; footnotes' have their own."""
    return "href" in attributes.lower() and not _NAMED.search(attributes)


def _wrong(words: str, _: Gettext) -> Iterator[str]:
    bare = _ENDS.sub("", words.casefold())
    if not bare:
        yield _("a link must have a text that says where it leads, between [ and ]")
    elif bare in EMPTY_WORDS:
        message = _(
            'the link "%(text)s" must say where it leads, like "the minutes from May": links are also read alone'
        )
        yield message % {"text": words}


def _words(text: str) -> str:
    with_alt = _PICTURE.sub(lambda picture: picture[1] or picture[2] or "", text)
    return " ".join(_NO_WORDS.sub("", with_alt).replace("\u00a0", " ").split())
