"""Files among the letters and pages that are none, as their names end otherwise, though they may be meant as such."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from plugins.addresses import Addresses
from plugins.check_pictures import used_files
from plugins.findings import Finding
from plugins.pictures import NOT_SHOWN, RASTER
from plugins.sources import Source, address, is_wanted
from plugins.word_list import WORD_LIST
from plugins.wording import Gettext

TEXTS = frozenset({".md", ".markdown", ".txt", ".doc", ".docx", ".odt", ".rtf"})
"""How a file's name ends, in small letters, that is meant as a text."""
_PICTURES = RASTER | NOT_SHOWN | {".svg"}
_BESIDE = ["readme*", WORD_LIST, "*.bak", "*.orig", "*.tmp", "*.new", "*.swp", "#*", "~$*", "thumbs.db", "desktop.ini"]
"""What programs leave beside what they write, and what is meant for other readers."""


def check_endings(written: Iterable[Source], settings: Mapping[str, Any], _: Gettext) -> Iterator[Finding]:
    """A finding for each such file that none of the texts links to: an error where it is meant as a text."""
    files = list(others(settings))
    linked = _linked(written, {file.suffix for file in files}, settings) if files else set()
    for file in files:
        if file.resolve() not in linked:
            message = _("is no letter and is left out; the name of a letter ends in .md")
            yield Finding(str(file), 1, message, "error" if file.suffix.lower() in TEXTS else "advice")


def others(settings: Mapping[str, Any]) -> Iterator[Path]:
    """The files among letters and pages that are neither; pictures, and links of the file system, left out."""
    content = Path(settings["PATH"])
    for folder in (*settings["ARTICLE_PATHS"], *settings["PAGE_PATHS"]):
        for parent, folders, names in os.walk(content / folder):
            folders[:] = [name for name in folders if name != "images" and is_wanted(name, settings["IGNORE_FILES"])]
            for file in (Path(parent, name) for name in names if not name.endswith(".md")):
                if _is_other(file, settings["IGNORE_FILES"]):
                    yield file


def _is_other(file: Path, ignored: list[str]) -> bool:
    is_beside = not (is_wanted(file.name, ignored) and is_wanted(file.name.lower(), _BESIDE))
    return not is_beside and file.suffix.lower() not in _PICTURES and not file.is_symlink()


def _linked(written: Iterable[Source], endings: set[str], settings: Mapping[str, Any]) -> set[Path]:
    """The files of these endings that the texts link to."""
    addresses = Addresses(Path(settings["PATH"]), Path(settings["THEME"]), settings["FACTS"].url, str)
    likely = (source for source in written if any(ending in source.body for ending in endings))
    used = (used_files(source, address(source, settings) or "/", addresses) for source in likely)
    return {use.wanted.file for uses in used for use in uses}
