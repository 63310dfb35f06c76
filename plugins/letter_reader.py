"""Reads letters and pages with one Markdown converter for all, and typesets their titles and summaries.

Pelican's own reader builds a converter for every file, which is most of the time of a large build.
"""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markupsafe import Markup, escape
from pelican import signals
from pelican.readers import BaseReader, Readers

from common.language import translations
from common.typography import typeset
from plugins.findings import Finding
from plugins.picture_store import Album
from plugins.safe_html import UnsafeHtml
from plugins.sources import Source, address, original_address, read_source, slug

logger = logging.getLogger(__name__)

SUMMARY_CHARACTERS = 200
_FIRST_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_FOOTNOTE_MARK = re.compile(r"<sup\b.*?</sup>", re.DOTALL)


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


class LetterReader(BaseReader):  # type: ignore[misc]
    """Pelican's reader for .md files; titles and summaries come out as escaped, typeset text."""

    file_extensions = ["md"]

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._converter: LetterMarkdown | None = None
        self._album: Album = settings.get("PICTURES") or Album()

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """The HTML of a source's text and its metadata."""
        source = read_source(Path(source_path), is_letter(Path(source_path), self.settings))
        language = source.get("lang", self.settings["DEFAULT_LANG"]).lower()
        place = Place(Path(self.settings["PATH"]), source.path, language, source.is_letter, self._album)
        try:
            content = self._convert(source, place)
        except UnsafeHtml as error:  # which ends the build, as all that is logged as an error does
            message = error.told(translations(self.settings["FACTS"].language).gettext)
            logger.error("%s", Finding(str(source.path), source.body_line, message))
            content = ""
        metadata = self._metadata(source, content, language)
        return content, metadata | {"first_picture": Markup(place.first_picture)}

    def _convert(self, source: Source, place: Place) -> str:
        if self._converter is None:
            self._converter = LetterMarkdown(**self.settings["MARKDOWN"])
        self._converter.reset()
        self._converter.place = place
        return self._converter.convert(source.body)

    def _metadata(self, source: Source, content: str, language: str) -> dict[str, Any]:
        table = {key: line.value for key, line in source.header.items() if line.value}
        dates = {key: datetime.fromisoformat(table.pop(key)) for key in ("date", "modified") if key in table}
        metadata = {key: self.process_metadata(key, value) for key, value in table.items()} | dates
        own = address(source, self.settings)
        metadata["slug"] = slug(source, self.settings)
        metadata["url"], metadata["save_as"] = (own.lstrip("/"), f"{own[1:]}index.html") if own else ("", "")
        metadata["lang"] = language
        # By this Pelican finds the translations of a text; a draft stands alone, its original may be published.
        is_alone = source.status == "draft" or not source.is_translation
        metadata["original"] = (own if is_alone else original_address(source, self.settings)) or source.path.name
        metadata["translation"] = str(not is_alone)
        metadata["brief"] = _text(table.get("brief", ""), language)
        metadata["ingress"] = _text(table.get("summary", ""), language)
        metadata["summary"] = metadata["ingress"] or escape(opening(content))
        metadata["title"] = _text(table.get("title", ""), language)
        return metadata


def is_letter(path: Path, settings: dict[str, Any]) -> bool:
    """Whether a source lies outside the folders of pages."""
    return not any(path.is_relative_to(Path(settings["PATH"], folder)) for folder in settings["PAGE_PATHS"])


def _text(value: str, language: str) -> Markup:
    return escape(typeset(value, language))


def opening(content: str) -> str:
    """The first paragraph of some HTML as plain text, cut after a word near SUMMARY_CHARACTERS."""
    found = _FIRST_PARAGRAPH.search(content)
    text = unescape(Markup(_FOOTNOTE_MARK.sub("", found[1])).striptags()) if found else ""
    if len(text) <= SUMMARY_CHARACTERS:
        return text
    return text[:SUMMARY_CHARACTERS].rsplit(" ", 1)[0].rstrip(" .,–") + "…"


def _use_letter_reader(readers: Readers) -> None:
    readers.reader_classes["md"] = LetterReader


def register() -> None:
    """Called by Pelican."""
    signals.readers_init.connect(_use_letter_reader)
