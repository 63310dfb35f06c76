"""What a text says as it is published, for the checks: there are many ways to write the same, and readers see one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import NamedTuple

from plugins.marks import without_code
from plugins.safe_html import TAG
from plugins.sources import Source


class Place(NamedTuple):
    """How something that is published may be written: words, or a pattern, and how many like it come before."""

    words: str
    pattern: str = ""
    before: int = 0


Shown = tuple[Place, str]
"""Where it is to be looked for, and what is to be said about it."""
_INLINE = {
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "ruby",
    "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip
_ATTRIBUTES = r"(?:\s(?:\"[^\"]*\"|'[^']*'|[^'\"<>])*)?"
_ALT = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Html:
    """What the converter made of a text, where each < begins a tag."""

    html: str

    def elements(self, name: str) -> Iterator[tuple[str, str]]:
        """The attributes and the inner HTML of each element of a kind that does not hold another of it."""
        if f"<{name}" in self.html.lower():
            for found in re.finditer(rf"<{name}\b({_ATTRIBUTES})>(.*?)</{name}\s*>", self.html, re.DOTALL | re.I):
                yield found[1], found[2]

    @cached_property
    def tags(self) -> list[re.Match[str]]:
        """Every tag, in their order."""
        return list(TAG.finditer(self.html))

    @cached_property
    def text(self) -> str:
        """All that can be read, with a line for each block."""
        return unescape(TAG.sub(_instead, self.html))


def said(html: str) -> str:
    """The words of some inline HTML, with those that stand for its pictures, and single spaces."""
    return " ".join(unescape(TAG.sub(_aloud, html)).split())


def line_of(place: Place, source: Source) -> int:
    """The line of a source's text where that seems to be written; its first line where nothing is like it."""
    if place.pattern:
        found = list(re.finditer(place.pattern, without_code(source.body), re.MULTILINE | re.DOTALL | re.IGNORECASE))
        if found:
            at = found[min(place.before, len(found) - 1)].start()
            return source.body_line + source.body.count("\n", 0, at)
    for sought in (place.words, *_WORD.findall(place.words)):
        if sought and (at := source.body.find(sought)) >= 0:
            return source.body_line + source.body.count("\n", 0, at)
    return source.body_line


def _instead(tag: re.Match[str]) -> str:
    return "" if tag["name"].lower() in _INLINE else "\n"


def _aloud(tag: re.Match[str]) -> str:
    alt = _ALT.search(tag["rest"]) if tag["name"].lower() == "img" else None
    return (alt[1] or alt[2] or "") if alt else ""
