"""The files that communications staff write: which there are, and what their header lines say."""

import fnmatch
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pelican.utils import slugify

from plugins.header_line import Line
from plugins.source_text import Unreadable as Unreadable
from plugins.source_text import read_text, state_of
from plugins.stand_ins import file_of

_KEY = re.compile(r" {0,3}(?P<key>[^\W\d_][\w -]*):\s*(?P<value>.*)")
_MORE = re.compile(r"(?: {4,}|\t+)(?P<value>\S.*)")
_FENCE, _END = re.compile(r"---\s*"), re.compile(r"(?:---|\.\.\.)\s*")
MOST_LINES = 500
STATEMENT = "/tillganglighet/"
"""Where the accessibility statement stands, which no writer's page may take."""

_YEAR = re.compile(r"[1-9]\d{3}")
SLUG_CHARACTERS = 200


@dataclass(frozen=True)
class Source:
    """A letter or page as written. `header` has lower-case keys; `body` begins at line `body_line`."""

    path: Path
    is_letter: bool
    header: Mapping[str, Line]
    repeated: tuple[Line, ...]
    body: str
    body_line: int

    def get(self, key: str, default: str = "") -> str:
        """A header line's value, or `default` where it is missing or empty."""
        return (self.header[key].value if key in self.header else "") or default

    def line(self, key: str) -> int:
        """The number of the line to show for a fault in `key`: its own, or the first."""
        return self.header[key].number if key in self.header else 1

    @property
    def status(self) -> str:
        """published, draft, hidden or skip, when the header is right."""
        return self.get("status", "published").lower()

    @property
    def is_translation(self) -> bool:
        """Whether it says that it is a translation of another text."""
        return self.get("translation").lower() == "true"


def sources(settings: Mapping[str, Any]) -> Iterator[tuple[Path, bool]]:
    """Every source file with whether it is a letter, in the order of their paths, as Pelican finds them."""
    content = Path(settings["PATH"])
    pages = [content / folder for folder in settings["PAGE_PATHS"]]
    for folder in settings["ARTICLE_PATHS"]:
        for path in _markdown_files(content / folder, settings["IGNORE_FILES"]):
            if not any(path.is_relative_to(page) for page in pages):
                yield path, True
    for page in pages:
        for path in _markdown_files(page, settings["IGNORE_FILES"]):
            yield path, False


def _markdown_files(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """Also folders and other things that are called so; links are named, not followed (plugins.check_files)."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if is_wanted(name, ignored))
        found = [name for name in (*folders, *names) if name.endswith(".md") and is_wanted(name, ignored)]
        yield from (Path(parent, name) for name in sorted(found))


def is_wanted(name: str, ignored: list[str]) -> bool:
    """Whether a file or folder of that name is none of those that Pelican leaves out (IGNORE_FILES)."""
    return not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)


def read_source(path: Path, is_letter: bool) -> Source:
    """The source in that file, read once as long as the file stays the same; Unreadable when it is no text."""
    file = file_of(path)
    state = state_of(file)
    return _read(path, is_letter, file, state.st_mtime_ns, state.st_size)


def unread(path: Path, is_letter: bool) -> Source:
    """What stands for a file that can't be read, where other texts lead to it: by its name, as `make new` gives one."""
    return Source(path, is_letter, {"slug": Line(1, "Slug", path.stem)}, (), "", 1)


@lru_cache(maxsize=16_384)
def _read(path: Path, is_letter: bool, file: Path, _changed: int, _size: int) -> Source:
    return parse(path, is_letter, read_text(file))


def parse(path: Path, is_letter: bool, text: str) -> Source:
    """Split a text into header and body: YAML where it begins with ---, else lines as Pelican's own; Unreadable."""
    lines = text.split("\n")
    if _FENCE.fullmatch(lines[0]):
        end = next((at for at, line in enumerate(lines[1 : MOST_LINES + 2], 1) if _END.fullmatch(line)), 0)
        if not end:
            raise Unreadable("the first line is ---, so a line --- must follow where the header ends, before the text")
        from plugins.front_matter import header_lines  # with YAML, which few texts need

        found, at = header_lines(lines[1:end], 2), end + 1
    else:
        found, at = own_lines(lines)
    header: dict[str, Line] = {}
    repeated = [line for line in found if header.setdefault(line.key.lower(), line) is not line]
    return Source(path, is_letter, header, tuple(repeated), "\n".join(lines[at:]), at + 1)


def own_lines(lines: list[str]) -> tuple[list[Line], int]:
    """Header lines and where the body begins, by the rules of Python-Markdown's meta extension."""
    found: list[Line] = []
    for at, line in enumerate(lines):
        if not line.strip() or _END.fullmatch(line):
            return found, at + 1
        if (more := _MORE.match(line)) and found:
            last = found[-1]
            found[-1] = Line(last.number, last.key, f"{last.value} {more['value'].strip()}".strip())
        elif begun := _KEY.match(line):
            found.append(Line(at + 1, begun["key"].strip(), begun["value"].strip()))
        else:
            return found, at  # what is no header line begins the text
    return found, len(lines)


def slug(source: Source, settings: Mapping[str, Any]) -> str:
    """The last part of the source's address: its Slug, or its title in a-z, 0-9 and hyphens.

    Of a very long title only the beginning: the address names files too, of at most 255 bytes.
    """
    return source.get("slug") or slugified(source.get("title"), settings)[:SLUG_CHARACTERS].rstrip("-")


def slugified(name: str, settings: Mapping[str, Any]) -> str:
    """A name in a-z, 0-9 and hyphens, by Pelican's rules: å and ä become a, ö becomes o."""
    return _slugified(name, tuple(map(tuple, settings["SLUG_REGEX_SUBSTITUTIONS"])))


@lru_cache(maxsize=16_384)
def _slugified(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    return slugify(name, rules)


def address(source: Source, settings: Mapping[str, Any]) -> str | None:
    """The source's address from the root, "/2026/slug/"; None when it gets none (skipped, or no date).

    A translation's is that of the text that it is one of, with its language at the end: "/2026/slug/en/".
    """
    own = original_address(source, settings)
    return f"{own}{source.get('lang').lower()}/" if own and source.is_translation else own


def original_address(source: Source, settings: Mapping[str, Any]) -> str | None:
    """The address that a source has as an original: what it shares with its translations."""
    name = slug(source, settings)
    if source.status == "skip" or not name:
        return None
    if source.status == "draft":
        return "/" + settings["DRAFT_URL"].format(slug=name) if settings["DRAFT_SAVE_AS"] else None
    if not source.is_letter:
        return "/" + settings["PAGE_URL"].format(slug=name)
    year = _YEAR.match(source.get("date"))
    return "/" + settings["ARTICLE_URL"].format(date=date(int(year[0]), 1, 1), slug=name) if year else None


def newest_first(letter: Any) -> tuple[float, str]:
    """The key by which letters stand in lists; the slug decides between letters of one moment."""
    return -letter.date.timestamp(), str(letter.slug)


def page_order(page: Any) -> tuple[int, str]:
    """The key by which pages stand in the footer: their Order line, then their title."""
    return int(getattr(page, "order", 1000)), str(page.title)
