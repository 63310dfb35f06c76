"""Keeps what was made of raster pictures in DATA/pictures, by content, so that each is made once.

DATA/pictures may be removed at any time: then everything is made anew, byte for byte the same. Nothing in it is
ever changed: a folder comes whole, by rename, and what is no longer used stays.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pelican.settings import DEFAULT_CONFIG
from pelican.utils import slugify

if TYPE_CHECKING:
    from tqdm import tqdm

from plugins.renditions import Card, picture_digest
from plugins.wording import REASONS, WordedError

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 600
LEFT_OVER_SECONDS = 3600
CARD, INDEX = "card.json", "index.json"
NOT_MADE = 'the picture "%(picture)s" must be made smaller for the site, but that failed: %(why)s'
BAR_FROM = 4
"""So many pictures to make are worth a progress bar."""


class CannotMake(WordedError):
    """A picture could not be made, for no fault of the picture's."""


@dataclass(frozen=True, order=True)
class Wanted:
    """A raster picture as a text uses it; kind is "letter" or "portrait"."""

    file: Path
    kind: str = "letter"


@dataclass(frozen=True)
class Fault:
    """Why a picture can't be shown: a sentence and what goes into it beside `picture`."""

    message: str
    values: Mapping[str, Any]


@dataclass
class Album:
    """What there is of the pictures that the texts use: cards, or faults, and the folders that hold the files."""

    cards: dict[Wanted, Card] = field(default_factory=dict)
    faults: dict[Wanted, Fault] = field(default_factory=dict)
    folders: dict[Wanted, Path] = field(default_factory=dict)

    def card(self, file: Path | None, kind: str = "letter") -> Card | None:
        """The card of a picture; None for a drawing, and for one that no text was found to use."""
        return self.cards.get(Wanted(file, kind)) if file else None


def fill_album(wanted: Iterable[Wanted], cache: Path) -> Album:
    """Make what is missing, and tell of every wanted picture; CannotMake or OSError where that can't be done."""
    album = Album()
    digests = _digests(sorted(set(wanted)), cache)
    if digests:
        _make_missing(digests, cache)
    for one, digest in digests.items():
        table = json.loads((cache / digest / CARD).read_text(encoding="utf-8"))
        album.folders[one] = cache / digest
        if "fault" in table:
            album.faults[one] = Fault(table["fault"], table["values"])
        else:
            album.cards[one] = card_of(table, one.file, digest)
    return album


def card_of(table: dict[str, Any], original: PurePath, digest: str) -> Card:
    """The card from what the maker wrote down, for a picture of that name."""
    legible = slugify(original.stem, DEFAULT_CONFIG["SLUG_REGEX_SUBSTITUTIONS"])[:60]
    name = f"{legible}-{digest[:10]}".lstrip("-")
    return Card(
        name=name,
        widths=tuple(table["widths"]),
        formats=tuple(table["formats"]),
        width=table["width"],
        height=table["height"],
        own=table["own"],
        moving=table["moving"],
    )


def _digests(wanted: list[Wanted], cache: Path) -> dict[Wanted, str]:
    """The digest of each; a file is read again only when the disk says that it was written."""
    known = _read_index(cache / INDEX)
    found = {}
    for one in wanted:
        state = one.file.stat()
        stamp = [state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino]
        entry = known.get(key := f"{one.kind} {one.file}")
        if not entry or entry[:-1] != stamp:
            entry = [*stamp, picture_digest(one.file.read_bytes(), one.kind, one.file.suffix)]
        found[key] = entry
    if not found.items() <= known.items():
        _write_index(cache / INDEX, known | found)
    return {one: str(entry[-1]) for one, entry in zip(wanted, found.values(), strict=True)}


def _read_index(file: Path) -> dict[str, list[Any]]:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # not there yet, or broken: it only spares reading
        return {}
    return table if isinstance(table, dict) else {}


def _write_index(file: Path, table: dict[str, list[Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    fresh.replace(file)


def _make_missing(digests: Mapping[Wanted, str], cache: Path) -> None:
    """Make the pictures that have no folder yet, on every core."""
    missing = {digest: one for one, digest in digests.items() if not (cache / digest / CARD).is_file()}
    if not missing:
        return
    _sweep(cache)
    cores = len(os.sched_getaffinity(0))
    threads = max(1, cores // len(missing))
    with ThreadPoolExecutor(cores) as pool, _bar(len(missing)) as bar:
        for _done in pool.map(lambda pair: _make(pair[1], cache / pair[0], threads), missing.items()):
            bar.update()


def _bar(number: int) -> "tqdm[Any]":
    """A progress bar on stderr, where that is a terminal and there is enough to wait for."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # no thread of its own: the page writer forks

    return Bar(total=number, unit="", desc="AVIF, WebP", disable=None if number >= BAR_FROM else True, leave=False)


def _make(one: Wanted, folder: Path, threads: int) -> None:
    """Make one picture, in a process of its own, beside its place; then put the whole folder there."""
    fresh = folder.with_name(f".{folder.name}-{os.getpid()}")
    arguments = [str(one.file), str(fresh), one.kind, folder.name, str(threads)]
    command = [sys.executable, "-m", "plugins.picture_maker", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  our own module, given as a list
            command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        if done.returncode:
            raise CannotMake(NOT_MADE, picture=one.file, why=_last_line(done.stderr) or done.returncode)
        if not (folder / CARD).is_file():
            shutil.rmtree(folder, ignore_errors=True)  # somebody has been tidying
        with contextlib.suppress(OSError):  # another build was quicker
            fresh.rename(folder)
    except subprocess.TimeoutExpired:
        raise CannotMake(NOT_MADE, picture=one.file, why=f"> {PATIENCE_SECONDS} s") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _last_line(text: str) -> str:
    last = text.strip().rpartition("\n")[2]
    return next((reason for reason in REASONS if reason in last), last)


def _sweep(cache: Path) -> None:
    """Remove what builds that were killed have left."""
    for folder in cache.glob(".*-*"):
        with contextlib.suppress(OSError):
            if folder.is_dir() and folder.stat().st_mtime < time.time() - LEFT_OVER_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
