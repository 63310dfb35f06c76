"""Which Swedish words are misspelt, by hunspell's dictionary, and what might be meant.

The dictionary is npm's dictionary-sv (LGPL-3.0), fetched by deploy/npm/install and never copied. chunspell is hunspell
itself with wheels for every Python of today; spylls, all in Python, takes 2 s and 150 MB to load the same dictionary
where this takes 0.15 s and 25 MB, and its last release is from 2022, as are those of phunspell and cyhunspell.
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from hunspell import Hunspell

from plugins.kept_tables import read_table, write_table

INSTALLER = Path(__file__).parent.parent / "deploy/npm/install"
DICTIONARY = INSTALLER.parent / "node_modules/dictionary-sv"
MOST_SUGGESTIONS = 3
SUGGESTION_SECONDS = 2.0
"""How long one run may look for suggestions, in all: each takes up to half a second."""
LONGEST_WORD = 50


class Speller:
    """What is decided of words, kept in a file between runs; the dictionary is read when a new word is met."""

    def __init__(self, dictionary: Path, kept: Path) -> None:
        self._dictionary = dictionary
        self._hunspell: Any = None
        self._kept = kept
        self._right, self._wrong = _decided(read_table(kept))
        self._size = self._count()
        self._seconds_left = SUGGESTION_SECONDS

    def is_right(self, word: str) -> bool:
        """Whether the dictionary has the word, an inflection of it, or allows it as a compound."""
        if word in self._right:
            return True
        if word in self._wrong:
            return False
        right = len(word) > LONGEST_WORD or bool(self._loaded().spell(word))
        if right:
            self._right.add(word)
        else:
            self._wrong[word] = None
        return right

    def suggestions(self, word: str) -> list[str]:
        """Up to MOST_SUGGESTIONS words that might be meant; none once the time for that is spent."""
        known = self._wrong.get(word)
        if known is None and self._seconds_left > 0:
            begun = time.monotonic()
            known = self._wrong[word] = list(self._loaded().suggest(word))[:MOST_SUGGESTIONS]
            self._seconds_left -= time.monotonic() - begun
        return known or []

    def keep(self) -> None:
        """Write down what was decided since the last time; a disk that refuses costs time at the next run alone."""
        if self._count() == self._size:
            return
        table = {"right": sorted(self._right), "wrong": dict(sorted(self._wrong.items()))}
        if write_table(self._kept, table):
            self._size = self._count()

    def _count(self) -> tuple[int, int]:
        return len(self._right) + len(self._wrong), sum(known is not None for known in self._wrong.values())

    def _loaded(self) -> Any:
        if self._hunspell is None:
            self._hunspell = Hunspell("index", hunspell_data_dir=str(self._dictionary))
        return self._hunspell


def _decided(table: Mapping[str, Any]) -> tuple[set[str], dict[str, list[str] | None]]:
    """What a table says of words, as far as it is of the right shape."""
    right, wrong = table.get("right"), table.get("wrong")
    named = wrong.items() if isinstance(wrong, dict) else ()
    return set(right if isinstance(right, list) else ()), {
        word: found for word, found in named if found is None or isinstance(found, list)
    }


def speller(settings: Mapping[str, Any]) -> Speller | None:
    """The speller of this machine, which keeps what it decides in DATA/spelling; None without a dictionary."""
    version = dictionary_version(settings)
    kept = Path(settings["DATA"], "spelling", f"sv-{version}.json")
    return _speller(_dictionary(settings), kept) if version else None


def dictionary_version(settings: Mapping[str, Any]) -> str:
    """The version of the dictionary's package, "" where it is not there or not whole."""
    return _version(_dictionary(settings))


def _dictionary(settings: Mapping[str, Any]) -> Path:
    return Path(settings.get("DICTIONARY", DICTIONARY))


@lru_cache(maxsize=4)
def _speller(dictionary: Path, kept: Path) -> Speller:
    return Speller(dictionary, kept)


def _version(dictionary: Path) -> str:
    is_whole = all((dictionary / f"index.{part}").is_file() for part in ("aff", "dic"))
    return str(read_table(dictionary / "package.json").get("version", "")) if is_whole else ""
