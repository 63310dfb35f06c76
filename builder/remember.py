"""Where a build's memory is kept between processes, and what it is right for."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from sysconfig import get_path

from builder.places import ROOT, Places
from plugins.memory import Memory, digest, load, save, stamp

FOLDER = "build-state"
CODE = ("builder", "common", "locale", "plugins")


def remembered(conf: Path, places: Places) -> Memory:
    """What the last build by these settings remembers; nothing where program, libraries or site.toml are others."""
    return load(memory_file(conf, places), epoch(conf, places), places.output)


def keep(memory: Memory, conf: Path, places: Places) -> None:
    """Write it down for the next process; a full disk costs only time."""
    with contextlib.suppress(OSError):
        save(memory, memory_file(conf, places))


def memory_file(conf: Path, places: Places) -> Path:
    """The file of the memory of builds by these settings from there to here."""
    named = "\0".join([str(conf), *places.environment().values()])
    return places.data / FOLDER / f"{hashlib.sha256(named.encode()).hexdigest()[:16]}.pickle"


def epoch(conf: Path, places: Places) -> str:
    """What the program, its libraries and the settings come down to: a memory of another is of no use.

    Of files it is when they were written: reading them all takes longer than many a build.
    """
    about = [sys.version, *_libraries(), *places.environment().values()]
    files = [str(conf), *map(str, sorted(ROOT.glob("*conf.py"))), *_code(), str(places.site)]
    return digest(*(text.encode() for text in about), *(f"{file} {stamp(file)}".encode() for file in files)).hex()


def _libraries() -> list[str]:
    """All that is installed beside us, by name and version."""
    return sorted(name for name in os.listdir(get_path("purelib")) if name.endswith(".dist-info"))  # noqa: PTH208


def _code() -> Iterator[str]:
    for folder in CODE:
        for parent, folders, names in os.walk(ROOT / folder):
            folders.sort()
            yield from (f"{parent}/{name}" for name in sorted(names) if name.endswith((".py", ".po", ".svg")))
