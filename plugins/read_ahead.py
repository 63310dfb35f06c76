"""Reads the letters of a large site on every core, before Pelican asks for one after the other.

What is read is remembered at once, as if the last build had read it (plugins.incremental).
"""

from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.readers import _filter_discardable_metadata

from plugins.cores import shared
from plugins.incremental import as_read, read_before
from plugins.letter_reader import LetterReader
from plugins.memory import memory_of

LEAST_LETTERS = 50
"""Letters that make it worth while to start one more process."""


def _read_ahead(pelican: Pelican) -> None:
    settings = pelican.settings
    memory = memory_of(settings)
    if memory is None:
        return
    due = [str(path) for path in settings["SOURCES"] if not read_before(memory, str(path))]
    if len(due) < LEAST_LETTERS:
        return
    reader = LetterReader(settings)

    def read(path: str) -> tuple[Any, Any] | None:
        content, metadata = reader.read(path)
        return as_read(memory, path, content, _filter_discardable_metadata(metadata))

    for path, entry in zip(due, shared(read, due, LEAST_LETTERS, Path(settings["THEME"])), strict=True):
        if entry:
            memory.present.known["read", path] = entry


def register() -> None:
    """Called by Pelican; after plugins.check, which tells what there is to read."""
    signals.initialized.connect(_read_ahead)
