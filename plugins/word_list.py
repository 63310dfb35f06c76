"""The words that a project knows beyond the dictionary: its own list, and the names in site.toml."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from common.facts import Facts

WORD_LIST = "ordlista.txt"
"""The list's name in the folder of letters and pages, where nothing but .md files and pictures is published."""
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


def known_words(settings: Mapping[str, Any]) -> frozenset[str]:
    """All words that are right in this project, as written, with their genitives."""
    path = Path(settings["PATH"], WORD_LIST)
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _known(path, changed, _names(settings["FACTS"]))


@lru_cache(maxsize=4)
def _known(path: Path, changed: int, names: tuple[str, ...]) -> frozenset[str]:
    try:
        lines = path.read_bytes().decode("utf-8-sig", errors="replace").splitlines() if changed else []
    except OSError:
        lines = []
    own = (word for line in lines for word in line.partition("#")[0].split())
    return frozenset(_with_genitives([*own, *names]))


def _names(facts: Facts) -> tuple[str, ...]:
    texts = [facts.organisation, facts.title, facts.subtitle, facts.contact.address]
    texts += [text for writer in facts.writers for text in (writer.name, writer.title)]
    return tuple(word for text in texts for word in _WORD.findall(text))


def _with_genitives(words: Iterable[str]) -> Iterator[str]:
    """Each word with and without the s of its genitive, and with a capital, as a sentence begins."""
    for word in words:
        for one in (word, f"{word}s", word.removesuffix("s")):
            yield one
            yield one[:1].upper() + one[1:]
