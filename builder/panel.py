"""What the editor's panel tells of one page: made when it is asked for, so that no build waits for it."""

import re
import threading
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from builder.places import ROOT, Places
from builder.share_card import Card, card_of, picture_of
from builder.static import StaticSite, path_parts
from builder.words import site_gettext

Text = tuple[Path, bool]
"""A text's file, and whether it is a letter."""
_FURTHER = re.compile(r"kommentarer/\d+/$")


def of_text(path: str) -> str:
    """The address of the text whose page, or further page of comments, is at that path."""
    return _FURTHER.sub("", path)


class Panel:
    """Knows which text stands at which address; a file is read again when it has changed."""

    def __init__(self, where: Places, site: StaticSite) -> None:
        self.where = where
        self.site = site
        self._known: dict[Path, tuple[tuple[int, int], list[str]]] = {}
        self._lock = threading.Lock()

    def about(self, path: str, state: Mapping[str, Any]) -> dict[str, Any]:
        """The panel of the page at that path: {"label", "summary", "sections"}; `state` is the table in build.json."""
        from builder.panel_sections import panel_of  # loads what builds load: the first panel may wait for it

        settings = _settings(self.where, changed(self.where))
        text = self._text(of_text(path), state, settings)
        return panel_of(text, path, self._card(path), state, settings, site_gettext(self.where))

    def picture(self, path: str) -> bytes | None:
        """The PNG that stands for the page at that path where it is shared; None where there is no such page."""
        card = self._card(path)
        return picture_of(card, self.where, changed(self.where)) if card else None

    def _card(self, path: str) -> Card | None:
        file = self.site.find(path_parts(path))
        return card_of(file.read_text(encoding="utf-8")) if file and file.suffix == ".html" else None

    def _text(self, path: str, state: Mapping[str, Any], settings: MutableMapping[str, Any]) -> Text | None:
        """The text that has or would have that address."""
        from plugins.last_good import looked_for
        from plugins.sources import sources

        aside = {(ROOT / each["file"]).resolve(): each["addresses"] for each in state.get("set_aside", [])}
        with self._lock:
            for file, is_letter in sources(settings):
                if path in aside.get(file.resolve(), ()):
                    return file, is_letter
                version = _version(file)
                if file not in self._known or self._known[file][0] != version:
                    self._known[file] = version, looked_for(file, is_letter, settings)
                if path in self._known[file][1]:
                    return file, is_letter
        return None


def changed(where: Places) -> int:
    """A number that is another when the site's facts, its settings, or the share picture's look have changed."""
    files = (
        where.site,
        ROOT / "pelicanconf.py",
        *(where.theme / name for name in ("templates/share.svg", "static/site.css")),
    )
    return hash(tuple(_version(file) for file in files))


def _version(file: Path) -> tuple[int, int]:
    try:
        state = file.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=1)
def _settings(_where: Places, _changed: int) -> dict[str, Any]:
    """The settings of work, as a build reads them."""
    from pelican.settings import read_settings

    return dict(read_settings(str(ROOT / "pelicanconf.py")))
