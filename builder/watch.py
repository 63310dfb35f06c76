"""Builds the site again whenever something it is made from changes, each time in a process of its own."""

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

from builder.apart import Builder, end_with_all
from builder.folders import bursts
from builder.places import ROOT, Places
from builder.words import site_gettext

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
    parent, stamps = os.getppid(), [last_written(where.site), *program_stamps()]
    for found in bursts(where.content, where.theme, where.published, matters=_matters):
        before, stamps = stamps, [last_written(where.site), *program_stamps()]
        is_whole = found is None or stamps != before or clock.strikes()
        if is_whole or found or os.getppid() != parent:
            yield Burst(None if is_whole else found, stamps != before)


def _matters(_change: Change, path: str) -> bool:
    """Leaves out what editors and half-written files make beside the real ones, and what a build compiles."""
    name = Path(path).name
    return (
        "__pycache__" not in path
        and not name.startswith((".", "#"))
        and not name.endswith(("~", ".tmp", ".swp", ".swx", ".new"))
    )


def program_stamps() -> list[int]:
    """When program and settings were last written; they are looked at, as editors replace the file a watch is on."""
    code = (file for folder in CODE for file in sorted((ROOT / folder).glob("*.py")))
    return [last_written(file) for file in (*(ROOT / name for name in SETTINGS), *code)]


def last_written(file: Path) -> int:
    """When a file or folder was last written, in nanoseconds; 0 where there is none."""
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
