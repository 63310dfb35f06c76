"""The letters that take comments, as the site's letters.json names them."""

import json
import logging
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

logger = logging.getLogger(__name__)

FRESH_SECONDS = 30.0
"""How long an answer from another machine is used before it is asked again."""


@dataclass(frozen=True)
class Letter:
    """A letter readers can comment on; `comments_open` is False where only its old conversation stands."""

    uri: str
    title: str
    lang: str
    comments_open: bool


class LettersUnknown(Exception):
    """No letters.json could be read yet: the site has not been built, or can't be reached."""


class Letters:
    """letters.json, from a file (read again when it changes) or an address (asked every 30 s)."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._stamp: object = None
        self._asked = 0.0
        self._known: dict[str, Letter] | None = None
        self.pages: list[dict[str, str]] = []

    def get(self, uri: str) -> Letter | None:
        """The letter at that address, or None. LettersUnknown when there is no list at all."""
        self._refresh()
        if self._known is None:
            raise LettersUnknown(self.source)
        return self._known.get(uri)

    def footer_pages(self) -> list[dict[str, str]]:
        """The site's pages for the footer, each {"title", "url"}; empty before the first build."""
        self._refresh()
        return self.pages

    def _refresh(self) -> None:
        try:
            text = self._text_if_changed()
            if text is not None:
                self._take(json.loads(text))
        except (OSError, URLError, ValueError, KeyError, TypeError) as error:
            logger.warning("%s: must be readable (%s); the last good list is used", self.source, error)

    def _text_if_changed(self) -> str | None:
        if self.source.startswith(("http://", "https://")):
            if self._known is not None and time.monotonic() - self._asked < FRESH_SECONDS:
                return None
            self._asked = time.monotonic()
            with urllib.request.urlopen(self.source, timeout=5) as answer:
                return str(answer.read().decode("utf-8"))
        path = Path(self.source)
        stamp = path.stat().st_mtime_ns, path.stat().st_size
        if stamp == self._stamp:
            return None
        text = path.read_text(encoding="utf-8")
        self._stamp = stamp
        return text

    def _take(self, table: Mapping[str, Any]) -> None:
        found = [
            Letter(entry["uri"], entry["title"], entry["lang"], entry["comments"] == "open")
            for entry in table["letters"]
        ]
        self._known = {letter.uri: letter for letter in found}
        self.pages = list(table.get("pages", []))
