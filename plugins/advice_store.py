"""Keeps what was advised on each text in DATA between builds, so that only texts that changed are read again."""

import hashlib
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from plugins.findings import Remark
from plugins.kept_tables import read_table, write_table
from plugins.sources import Source

_RULES = (
    "advice*.py",
    "plain_text.py",
    "prose.py",
    "sentences.py",
    "passive_words.py",
    "readability.py",
    "spelling.py",
)
SPARE = 1000
"""So many texts more than twice those in use are kept, for those who check some of them alone."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of one text: what was said, and (line, word) for the words that the dictionary doesn't have."""

    remarks: list[Remark] = field(default_factory=list)
    words: list[Remark] = field(default_factory=list)


class AdviceStore:
    """What is told of texts by a digest of each; `rules` says what else decides it, and other rules begin anew."""

    def __init__(self, file: Path, rules: str) -> None:
        self._file, self._rules = file, rules
        table = read_table(file)
        kept = table.get("told") if table.get("rules") == rules else None
        self._kept: dict[str, Any] = kept if isinstance(kept, dict) else {}
        self._keys: dict[int, tuple[weakref.ref[Source], str]] = {}
        self._used = set[str]()
        self._new = 0
        self._unread = 0

    def told(self, source: Source, make: Callable[[], Told], most: int | None) -> Told:
        """What is told of a text, which `make` says when the text is new; nothing yet after `most` new ones."""
        key = self._key(source)
        self._used.add(key)
        if kept := _as_told(self._kept.get(key)):
            return kept
        if most is not None and self._new >= most:
            self._unread += 1
            return Told()
        made = make()
        self._kept[key] = made.remarks, made.words
        self._new += 1
        return made

    def _key(self, source: Source) -> str:
        """The source's digest, made once as long as the same source is asked about."""
        known = self._keys.get(id(source))
        if known and known[0]() is source:
            return known[1]
        key = _digest(source)
        self._keys[id(source)] = weakref.ref(source), key
        return key

    def keep(self) -> int:
        """Write down what is new; a disk that refuses costs time at the next run alone.

        It ends a run: how many texts there were of which nothing is told yet.
        """
        self._keys = {at: known for at, known in self._keys.items() if known[0]()}
        unread, self._unread = self._unread, 0
        if self._new:
            self._write()
        return unread

    def _write(self) -> None:
        if len(self._kept) > 2 * len(self._used) + SPARE:
            self._kept = {key: told for key, told in self._kept.items() if key in self._used}
        write_table(self._file, {"rules": self._rules, "told": self._kept})
        self._used, self._new = set(), 0


def _as_told(kept: Any) -> Told | None:
    """What a file says of a text; None where it says nothing, or something of another shape."""
    try:
        remarks, words = kept
        return Told(
            [(int(line), str(said)) for line, said in remarks], [(int(line), str(word)) for line, word in words]
        )
    except (TypeError, ValueError):
        return None


def _digest(source: Source) -> str:
    lines = [f"{source.is_letter} {source.body_line}"]
    lines += [f"{line.number} {key} {line.value}" for key, line in source.header.items()]
    return hashlib.blake2b("\n".join([*lines, source.body]).encode("utf-8", "replace"), digest_size=16).hexdigest()


@lru_cache(maxsize=1)
def rules_digest() -> str:
    """What changes when a rule does: a digest of the modules that make advice."""
    folder = Path(__file__).parent
    files = sorted({file for pattern in _RULES for file in folder.glob(pattern)})
    return hashlib.blake2b(b"".join(file.read_bytes() for file in files), digest_size=16).hexdigest()


@lru_cache(maxsize=4)
def advice_store(file: Path, rules: str) -> AdviceStore:
    """The store in that file, read once in a process."""
    return AdviceStore(file, rules)
