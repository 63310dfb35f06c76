"""The plain text of Markdown, line for line: no code, no addresses, no pictures, no HTML, no other language.

Every pattern here repeats within bounds, and no two of its branches begin alike: a text takes a time in proportion to
its length, whatever stands in it.
"""

import re
from collections.abc import Iterator
from html import unescape

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What stands in the place of code and addresses inside a sentence."""
MOST_FOREIGN = 5000
"""How far the end of an element in another language is looked for, in characters."""

_FENCE = re.compile(r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_TICKS = re.compile(r"(?<!`)(?P<ticks>`{1,5})(?!`)(?:[^`\n]|\n(?!\s)){1,2000}(?P=ticks)(?!`)")
_PICTURE = re.compile(
    r"!\[[^\[\]]{0,2000}\](?:\((?:[^()\n]|\([^()\n]{0,300}\)){0,500}\)|\[[^\[\]\n]{0,300}\])?(?:\{[^{}\n]{0,300}\})?"
)
_TARGET = re.compile(r"\]\((?:[^()\n]|\([^()\n]{0,300}\)){0,500}\)(?:\{[^{}\n]{0,300}\})?")
_NOTE = re.compile(r"\[\^[^\[\]\n]{1,100}\]:?")
_REFERENCE = re.compile(r"\]\[[^\[\]\n]{0,300}\]")
_DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\[\]\n]{1,300}\]:[^\n]*$", re.MULTILINE)
_LANG = r"\blang=[\"']?(?P<code>[a-z]{2,3})\b"
_IN_BRACES = rf"\{{:?[^{{}}\n]{{0,200}}{_LANG}[^{{}}\n]{{0,200}}\}}"
_FOREIGN = re.compile(rf"(?P<mark>\*{{1,3}}|_{{1,3}})[^*_]{{1,1000}}(?P=mark){_IN_BRACES}", re.IGNORECASE)
_FOREIGN_BLOCK = re.compile(rf"^{_IN_BRACES}[ \t]*$", re.IGNORECASE | re.MULTILINE)
_FOREIGN_TAG = re.compile(rf"<(?P<tag>[a-z]{{1,20}})\b[^<>]{{0,300}}{_LANG}[^<>]{{0,300}}>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?P<name>[a-z][a-z0-9]{0,20})(?:[\s/][^<>]{0,2000})?>|<[^<>\s]{1,500}[@:][^<>\s]{1,500}>", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b(?:https?://|www\.)[^\s<>()]{1,2000}|(?<![\w.+-])[\w.+-]{1,100}@[\w-]{1,100}(?:\.[\w-]{1,100}){1,5}"
)
_ATTRIBUTES = re.compile(r"\{:?(?:\s?[.#][^{}\n]{0,300}|[^{}\n=]{1,100}=[^{}\n]{0,300})\}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)


def seen(text: str) -> str:
    """The text without signs that take no room, like the soft hyphens that come along from word processors."""
    return _UNSEEN.sub("", text)


def _sign(match: re.Match[str]) -> str:
    sign = unescape(match[0])
    return sign if sign.splitlines() == [sign] else " "


def _lines_only(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _object(match: re.Match[str]) -> str:
    return OBJECT + _lines_only(match)


def _tag(match: re.Match[str]) -> str:
    return _lines_only(match) if match["name"] else OBJECT


def _without_fences(text: str) -> str:
    kept, at, opened = list[str](), 0, ""
    for match in _FENCE.finditer(text):
        if not opened:
            kept.append(text[at : match.start()])
            opened, at = match["fence"], match.start()
        elif match["fence"].startswith(opened):
            kept.append("\n" * text.count("\n", at, match.end()))
            opened, at = "", match.end()
    kept.append(text[at:])  # a fence that is never closed begins no code
    return "".join(kept)


def _without(text: str, spans: Iterator[tuple[int, int]]) -> str:
    kept, at = list[str](), 0
    for start, end in spans:
        if start >= at:
            kept += text[at:start], "\n" * text.count("\n", start, end)
            at = end
    return "".join([*kept, text[at:]])


def _comments(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        at = end + 3
        yield start, at


def _foreign_elements(text: str, language: str) -> Iterator[tuple[int, int]]:
    for match in _FOREIGN_TAG.finditer(text):
        end = text.find(f"</{match['tag']}", match.end(), match.end() + MOST_FOREIGN)
        if end >= 0 and not language.startswith(match["code"].lower()):
            yield match.start(), end


def _foreign_blocks(text: str, language: str) -> Iterator[tuple[int, int]]:
    for match in _FOREIGN_BLOCK.finditer(text):
        if not language.startswith(match["code"].lower()):
            yield text.rfind("\n\n", 0, match.start()) + 1, match.end()


def _without_foreign(text: str, language: str) -> str:
    def own(match: re.Match[str]) -> str:
        return match[0] if language.startswith(match["code"].lower()) else _object(match)

    text = _without(text, _foreign_elements(text, language))
    return _FOREIGN.sub(own, _without(text, _foreign_blocks(text, language)))


def plain(text: str, language: str) -> str:
    """The text without its markup, and without what is in another language, each line where it was."""
    if "`" in text or "~~~" in text:
        text = _TICKS.sub(_object, _without_fences(text))
    if "<!--" in text:
        text = _without(text, _comments(text))
    if "lang=" in text:
        text = _without_foreign(text, language)
    if "[" in text:
        for pattern in (_PICTURE, _DEFINITION, _NOTE, _TARGET, _REFERENCE):
            text = pattern.sub(_lines_only, text)
    if "<" in text:
        text = _TAG.sub(_tag, text)
    if "&" in text:
        text = _ENTITY.sub(_sign, text)
    text = _ADDRESS.sub(OBJECT, text) if "@" in text or "//" in text or "www." in text else text
    return seen(_ATTRIBUTES.sub("", text) if "{" in text else text)
