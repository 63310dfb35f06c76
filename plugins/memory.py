"""What a build remembers for the next one: what it read, and from which inputs each file of the site was made.

A memory is right for one epoch alone: the same program, libraries, settings and places. Whatever can't be
trusted (another epoch, a file that somebody else touched) is made anew.
"""

import hashlib
import os
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from plugins.stand_ins import file_of, stand_ins

Stamp = tuple[int, ...]
"""When a file was written and changed (ns), its size and its inode: another file, or another version, has another."""
Key = tuple[str, str]
"""What kind of thing is remembered, and of what."""
Value = TypeVar("Value")

FORMAT = 1
FILES = ("files", "beside the texts")


@dataclass
class Memory:
    """What is known from the last build that succeeded, and what the present one has found so far.

    `known` holds (mark, value) by kind and name; a value is right as long as its mark is the same. `prints` are the
    fingerprints of the files that were made, by their paths in the site, and `files` their stamps in `output`.
    """

    epoch: str
    output: Path
    known: dict[Key, tuple[Any, Any]] = field(default_factory=dict)
    prints: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Stamp | None] = field(default_factory=dict)
    objects: dict[Key, tuple[Any, Any]] = field(default_factory=dict)
    """As `known`, but for this process alone."""
    kept: set[str] = field(default_factory=set)
    """Files of the site that the present build leaves as they are."""
    present: "Present" = field(default_factory=lambda: Present())

    def begin(self) -> None:
        """Forget what a build that failed had found."""
        self.kept, self.present = set(), Present()

    def resume(self) -> None:
        """Begin a build that goes on from the last one: whatever it says nothing of stays as it is."""
        self.kept = set(self.files)
        self.present = Present(self.known, dict(self.prints), self.objects)

    def stamp(self, path: str) -> Stamp | None:
        """The stamp of a source, looked at once in a build; None where it can't be read."""
        file = str(file_of(Path(path))) if stand_ins else path
        if file not in self.present.stamps:
            self.present.stamps[file] = stamp(file)
        return self.present.stamps[file]

    def recall(self, kind: str, name: str, mark: Any, make: Callable[[], Value]) -> Value:
        """What was made when the mark was the same; else it is made now. It must not be changed by anybody."""
        entry = self._entry(kind, name)
        if entry is None or entry[0] != mark:
            entry = mark, make()
        self.present.known[kind, name] = entry
        value: Value = entry[1]
        return value

    def knows(self, kind: str, name: str, mark: Any) -> bool:
        """Whether `recall` has it at hand."""
        entry = self._entry(kind, name)
        return entry is not None and entry[0] == mark

    def _entry(self, kind: str, name: str) -> tuple[Any, Any] | None:
        return self.present.known.get((kind, name)) or self.known.get((kind, name))

    def files_mark(self) -> bytes:
        """What all files in content/ that are no texts come down to: pictures, word lists and the like."""
        mark: bytes = self.present.known[FILES][0]
        return mark

    def is_due(self, name: str, fingerprint: bytes) -> bool:
        """Whether a file of the site must be made: its inputs are others, or it is not the one that was made."""
        self.present.prints[name] = fingerprint
        due = self.prints.get(name) != fingerprint or self.files.get(name) != made_stamp(f"{self.output}/{name}")
        (self.kept.discard if due else self.kept.add)(name)
        return due

    def forget(self, names: Iterable[str]) -> None:
        """There are no such files in the site any more."""
        for name in names:
            self.present.prints.pop(name, None)
            self.kept.discard(name)

    def keep(self, names: Iterable[str]) -> None:
        """Leave files as they are that this build says nothing of."""
        self.kept.update(names)

    def settle(self) -> None:
        """Call when the site is as the build wanted it: from now on that is what is known."""
        files = {name: self.files[name] for name in self.kept if name in self.files}
        made = [name for name in self.present.prints if name not in files]
        self.files = files | {name: made_stamp(f"{self.output}/{name}") for name in made}
        self.known, self.prints, self.objects = self.present.known, self.present.prints, self.present.objects
        self.begin()


@dataclass
class Present:
    """What one build has found."""

    known: dict[Key, tuple[Any, Any]] = field(default_factory=dict)
    prints: dict[str, bytes] = field(default_factory=dict)
    objects: dict[Key, tuple[Any, Any]] = field(default_factory=dict)
    stamps: dict[str, Stamp | None] = field(default_factory=dict)


def memory_of(settings: Mapping[str, Any]) -> Memory | None:
    """The memory that the builder gave to this build; None where Pelican was called by itself."""
    return settings.get("MEMORY")


def stamp(path: str | Path) -> Stamp | None:
    """A file's stamp; None where there is none."""
    try:
        state = os.stat(path)  # noqa: PTH116  of each letter in each build; a Path costs three times as much
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def made_stamp(path: str) -> Stamp | None:
    """That of a file that a build made: without the time of its last change, which each hard link to it changes."""
    found = stamp(path)
    return found and (found[0], *found[2:])


def digest(*parts: bytes) -> bytes:
    """What some bytes come down to; where one part ends and the next begins makes a difference."""
    mark = hashlib.blake2b(digest_size=16)
    for part in parts:
        mark.update(b"%d:" % len(part))
        mark.update(part)
    return mark.digest()


def load(file: Path, epoch: str, output: Path) -> Memory:
    """The memory in that file; an empty one where there is none, or it is damaged, or of another epoch."""
    memory = Memory(epoch, output)
    try:
        with file.open("rb") as opened:
            if pickle.load(opened) != (FORMAT, epoch, str(output)):  # noqa: S301  written by us alone, in DATA
                return memory
            memory.known, memory.prints, memory.files = pickle.load(opened)  # noqa: S301
    except Exception:  # whatever a damaged file leads to: without it the site is built from nothing
        return Memory(epoch, output)
    return memory


def save(memory: Memory, file: Path) -> None:
    """Write it in one step; OSError where that can't be done, and the old one is there as before."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    with fresh.open("wb") as opened:
        pickle.dump((FORMAT, memory.epoch, str(memory.output)), opened)
        pickle.dump((memory.known, memory.prints, memory.files), opened, protocol=5)
    fresh.replace(file)
