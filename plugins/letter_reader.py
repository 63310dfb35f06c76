"""Reads letters and pages: their HTML as plugins.converting makes it, their titles and summaries typeset."""

import re
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape
from pelican import signals
from pelican.readers import BaseReader, Readers

from common.typography import typeset
from plugins.converting import converter_of
from plugins.moments import possible
from plugins.sources import Source, address, original_address, read_source, slug

SUMMARY_CHARACTERS = 200
_FIRST_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_FOOTNOTE_MARK = re.compile(r"<sup\b.*?</sup>", re.DOTALL)


class LetterReader(BaseReader):  # type: ignore[misc]
    """Pelican's reader for .md files; titles and summaries come out as escaped, typeset text."""

    file_extensions = ["md"]

    def read(self, source_path: str) -> tuple[str, dict[str, Any]]:
        """The HTML of a source's text and its metadata."""
        source = read_source(Path(source_path), is_letter(Path(source_path), self.settings))
        if source.path in self.settings["NOT_YET"]:
            return "", {"status": "skip"}
        converter = converter_of(self.settings)
        converted = converter.take(source) or converter.convert(source, self.settings["PICTURES"])
        metadata = self._metadata(source, converted.html, converter.language(source))
        return converted.html, metadata | {"first_picture": Markup(converted.first_picture)}

    def _metadata(self, source: Source, content: str, language: str) -> dict[str, Any]:
        table = {key: line.value for key, line in source.header.items() if line.value}
        zone = ZoneInfo(self.settings["TIMEZONE"])
        written = {key: datetime.fromisoformat(table.pop(key)) for key in ("date", "modified") if key in table}
        dates = {key: possible(date, zone) for key, date in written.items()}
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
