"""Builds the site again whenever something it is made from changes, each time in a process of its own."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from watchfiles import Change
from watchfiles import watch as changes

from builder.apart import Builder, end_with_all
from builder.folders import Folders
from builder.places import ROOT, Places
from builder.words import site_gettext

GATHER_MS = 80
"""How long changes are gathered before a build, as an editor or git writes several files at once."""
LOOK_UP_MS = 300
CODE = ("builder", "builder/receive", "common", "plugins")
SETTINGS = ("pelicanconf.py", "publishconf.py")


def watch(where: Places) -> int:
    """Build now and at every change; ends when the process that started this one has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends this process
    signal.signal(signal.SIGTERM, end_with_all)
    parent, number, clock = os.getppid(), last_number(where.data), Clock()
    builder = Builder("builder.running", where, partial(site_gettext, where))
    for burst in _bursts(where, clock):
        if os.getppid() != parent:
            break
        number += 1
        if burst.program:
            builder.end()
        table = builder.build(burst.files)
        clock.set(table)
        print("\n".join([*table["errors"], *table.get("warnings", []), table.get("summary", "")]), flush=True)
        write_state(where.data, {"build": number, **table})
    builder.end()
    return 0


@dataclass(frozen=True)
class Burst:
    """What changed at one time: files, None where everything has to be looked at; whether program or settings did."""

    files: frozenset[str] | None
    program: bool = False


class Clock:
    """Knows when the same sources will give other pages: when a time in which letters are closed begins or ends."""

    def __init__(self) -> None:
        self.next: float | None = None

    def set(self, table: Mapping[str, Any]) -> None:
        """Take the next such moment from what a build told, in seconds since 1970."""
        self.next = table.get("next_change")

    def strikes(self) -> bool:
        """Whether that moment has come."""
        return self.next is not None and time.time() >= self.next


def _bursts(where: Places, clock: Clock) -> Iterator[Burst]:
    """Yield once at first, for every burst of changes and stroke of the clock, and when the parent is gone."""
    where.published.mkdir(parents=True, exist_ok=True)
    while True:
        # A folder may go in the moment between being looked at and being watched; then look again.
        with contextlib.suppress(FileNotFoundError), Folders(where.content, where.theme, where.published) as folders:
            yield from _bursts_in(folders, where, clock)


def _bursts_in(folders: Folders, where: Places, clock: Clock) -> Iterator[Burst]:
    """The bursts until one of the folders is another than it was: the watch is on what has gone."""
    parent, stamps, first = os.getppid(), None, True
    for found in changes(
        *folders.present(),
        watch_filter=_matters,
        debounce=GATHER_MS,
        step=GATHER_MS // 2,
        rust_timeout=LOOK_UP_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        if folders.replaced():
            return
        before, stamps = stamps, [_last_written(where.site), *program_stamps()]
        program, strikes = not first and stamps != before, clock.strikes()
        if first or found or program or strikes or os.getppid() != parent:
            files = None if first or program or strikes else frozenset(path for _change, path in found)
            first = False
            yield Burst(files, program)


def _matters(_change: Change, path: str) -> bool:
    """Leaves out what editors and half-written files make beside the real ones."""
    name = Path(path).name
    return not name.startswith((".", "#")) and not name.endswith(("~", ".tmp", ".swp", ".swx", ".new"))


def program_stamps() -> list[int]:
    """When program and settings were last written; they are looked at, as editors replace the file a watch is on."""
    code = (file for folder in CODE for file in sorted((ROOT / folder).glob("*.py")))
    return [_last_written(file) for file in (*(ROOT / name for name in SETTINGS), *code)]


def _last_written(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:  # gone, or just being replaced
        return 0


def last_number(data: Path) -> int:
    """The number of the build that $DATA/build.json tells of, 0 where there is none."""
    try:
        return int(json.loads((data / "build.json").read_text(encoding="utf-8"))["build"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def write_state(data: Path, table: dict[str, Any]) -> None:
    """Write $DATA/build.json in one step: {"build": N, "ok": bool, "errors": [...], …}."""
    fresh = data / "build.json.new"
    fresh.write_text(json.dumps(table, ensure_ascii=False), encoding="utf-8")
    fresh.replace(data / "build.json")
