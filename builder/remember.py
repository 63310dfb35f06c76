"""Where a build's memory is kept between processes, and what it is right for."""

import contextlib
import hashlib
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from builder.places import ROOT, Places
from plugins.memory import Memory, digest, load, save

FOLDER = "build-state"
LIBRARIES = ("babel", "feedgenerator", "jinja2", "markdown", "markupsafe", "pelican", "pillow", "unidecode")
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
    """What the program, its libraries and the settings come down to: a memory of another is of no use."""
    about = [sys.version, *(version(name) for name in LIBRARIES), *places.environment().values()]
    parts = [text.encode() for text in about]
    for file in [conf, *_code(), places.site]:
        with contextlib.suppress(OSError):
            parts += [str(file).encode(), file.read_bytes()]
    return digest(*parts).hex()


def _code() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*conf.py"))
    for folder in CODE:
        files = (file for file in sorted((ROOT / folder).rglob("*")) if file.suffix in (".py", ".po", ".mo", ".svg"))
        yield from files
