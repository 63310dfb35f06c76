"""The letters that take comments, as the site's letters.json names them."""

import json
import logging
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

from common.threads import published_name

logger = logging.getLogger(__name__)

LONGEST_URI, LONGEST_TITLE = 500, 1000  # characters, as the database holds them
LONGEST_NAME = 200
"""Bytes of a published file's name, which may be longer than the address in characters."""

FRESH_SECONDS = 30.0
"""How long an answer from another machine is used before it is asked again."""
AGAIN_SECONDS = 1.0
"""And how long none is, where none ever came."""


@dataclass(frozen=True)
class Letter:
    """A letter readers can comment on; `comments_open` is False where only its old conversation stands.

    From `closes` on (seconds since 1970) it is too old for comments, unless a moderator opens it; None for never.
    """

    uri: str
    title: str
    lang: str
    comments_open: bool
    closes: float | None = None


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
        self.refresh()
        if self._known is None:
            raise LettersUnknown(self.source)
        return self._known.get(uri)

    def all(self) -> list[Letter]:
        """Every letter, in the list's own order: the newest first. LettersUnknown when there is no list at all."""
        self.refresh()
        if self._known is None:
            raise LettersUnknown(self.source)
        return list(self._known.values())

    def last_known(self, uri: str) -> Letter | None:
        """The letter at that address, by the list as it was read last: nothing is asked that takes time."""
        return (self._known or {}).get(uri)

    def footer_pages(self) -> list[dict[str, str]]:
        """The site's pages for the footer, each {"title", "url"}; empty before the first build."""
        self.refresh()
        return self.pages

    def refresh(self) -> None:
        """Read the list again where it may have changed; what can't be read leaves the last good one."""
        try:
            text = self._text_if_changed()
            if text is not None:
                self._take(json.loads(text))
        except (OSError, URLError, ValueError, KeyError, TypeError, OverflowError) as error:
            logger.warning("%s: must be readable (%s); the last good list is used", self.source, error)

    def _text_if_changed(self) -> str | None:
        if self.source.startswith(("http://", "https://")):
            pause = FRESH_SECONDS if self._known is not None else AGAIN_SECONDS
            if self._asked and time.monotonic() - self._asked < pause:
                return None
            try:
                with urllib.request.urlopen(self.source, timeout=5) as answer:
                    return str(answer.read().decode("utf-8"))
            finally:
                self._asked = time.monotonic()
        path = Path(self.source)
        stamp = path.stat().st_mtime_ns, path.stat().st_size
        if stamp == self._stamp:
            return None
        text = path.read_text(encoding="utf-8")
        self._stamp = stamp
        return text

    def _take(self, table: Mapping[str, Any]) -> None:
        found = [
            Letter(
                entry["uri"],
                entry["title"][:LONGEST_TITLE],
                entry["lang"],
                entry["comments"] == "open",
                _moment(entry.get("closes")),
            )
            for entry in table["letters"]
        ]
        for letter in (each for each in found if not _fits(each.uri)):
            logger.error("%s: must have a shorter address to take comments", letter.uri)
        found = [letter for letter in found if _fits(letter.uri)]
        self._known = {letter.uri: letter for letter in found}
        self.pages = list(table.get("pages", []))


def _moment(text: str | None) -> float | None:
    return None if text is None else datetime.fromisoformat(text).timestamp()


def _fits(uri: str) -> bool:
    return len(uri) <= LONGEST_URI and len(published_name(uri).encode("utf-8", "replace")) <= LONGEST_NAME
