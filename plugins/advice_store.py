"""Keeps what was advised on each text in DATA between builds, so that only texts that changed are read again."""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

from plugins.findings import Remark
from plugins.kept_tables import read_table, write_table
from plugins.sources import Source

_RULES = ("advice*.py", "prose.py", "sentences.py", "passive_words.py", "readability.py", "spelling.py")
SPARE = 1000
"""So many texts more than twice those in use are kept, for those who check some of them alone."""


class AdviceStore:
    """The advice on texts by a digest of each; `rules` says what else decides it, and other rules begin anew."""

    def __init__(self, file: Path, rules: str) -> None:
        self._file, self._rules = file, rules
        table = read_table(file)
        kept = table.get("advice") if table.get("rules") == rules else None
        self._kept: dict[str, list[Remark]] = kept if isinstance(kept, dict) else {}
        self._used = set[str]()
        self._changed = False

    def advice(self, source: Source, make: Callable[[], Iterable[Remark]]) -> list[Remark]:
        """The advice on a text, which `make` gives when the text is new."""
        key = _digest(source)
        self._used.add(key)
        if key not in self._kept:
            self._kept[key] = list(make())
            self._changed = True
        return self._kept[key]

    def keep(self) -> None:
        """Write down what is new; a disk that refuses costs time at the next run alone."""
        if not self._changed:
            return
        if len(self._kept) > 2 * len(self._used) + SPARE:
            self._kept = {key: advice for key, advice in self._kept.items() if key in self._used}
        self._changed = not write_table(self._file, {"rules": self._rules, "advice": self._kept})


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
