"""Converts what writers wrote into HTML, with one Markdown converter for all texts of a build.

Pelican's own reader builds a converter for every file, which is most of the time of a large build. The check needs the
HTML first; what does not depend on pictures, which are made after the check, is kept for the reader.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from markdown import Markdown

from plugins.picture_store import Album
from plugins.sources import Source

PICTURE = "<img"
_SIGNS = {
    "backtick": "`",
    "escape": "\\",
    "footnote": "[^",
    "reference": "[",
    "link": "](",
    "image_link": "![",
    "image_reference": "![",
    "short_reference": "[",
    "short_image_ref": "![",
    "autolink": "<",
    "automail": "<",
    "html": "<",
    "entity": "&",
}
"""Python-Markdown's inline patterns, and of each what a text must hold for it to find anything there."""


@dataclass
class Place:
    """Which document is converted right now, for the Markdown extensions that must know."""

    content: Path
    path: Path
    language: str
    is_letter: bool
    pictures: Album
    first_picture: str = ""
    """What the converter found: the HTML of the first figure's picture, as a decoration elsewhere."""


class LetterMarkdown(Markdown):
    """A Markdown converter that knows which document it is at."""

    place: Place | None = None


class Converted(NamedTuple):
    """A text's HTML, and that of the picture that stands for it elsewhere, if it has one."""

    html: str
    first_picture: str


class Converter:
    """The converter of one build."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self._markdown = LetterMarkdown(**settings["MARKDOWN"])
        registry = self._markdown.inlinePatterns
        self._patterns = list(registry)
        self._signs = {registry.get_index_for_name(name): sign for name, sign in _SIGNS.items() if name in registry}
        self._ready: dict[Path, tuple[Source, Converted]] = {}

    def convert(self, source: Source, pictures: Album) -> Converted:
        """A source's text; UnsafeHtml where it must not be published, RecursionError where it is nested too deeply."""
        place = Place(Path(self.settings["PATH"]), source.path, self.language(source), source.is_letter, pictures)
        self._markdown.reset()
        self._markdown.place = place
        inline: Any = self._markdown.treeprocessors["inline"]
        inline.inlinePatterns = self._needed(source.body)
        return Converted(self._markdown.convert(source.body), place.first_picture)

    def _needed(self, body: str) -> list[Any]:
        """The inline patterns that can find anything in a text: each is else looked for in each of its pieces."""
        there = {sign: sign in body for sign in _SIGNS.values()}
        return [pattern for at, pattern in enumerate(self._patterns) if there.get(self._signs.get(at, ""), True)]

    def language(self, source: Source) -> str:
        """The code of the language that a source is written in."""
        return source.get("lang", self.settings["DEFAULT_LANG"]).lower()

    def keep(self, source: Source, converted: Converted) -> None:
        """Keep it for whoever reads the same version of the source, if it is the same with all pictures."""
        if PICTURE not in converted.html:
            self._ready[source.path] = source, converted

    def take(self, source: Source) -> Converted | None:
        """What was kept, once."""
        kept, converted = self._ready.pop(source.path, (None, None))
        return converted if kept == source else None


def converter_of(settings: MutableMapping[str, Any]) -> Converter:
    """The converter of the build with these settings."""
    if "CONVERTER" not in settings:
        settings["CONVERTER"] = Converter(settings)
    converter: Converter = settings["CONVERTER"]
    return converter
