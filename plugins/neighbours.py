"""Gives each letter the one before and the one after it."""

from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator

from plugins.translations import every_letter


def join_neighbours(letters: list[Any]) -> None:
    """Set `next` (newer) and `previous` (older) on letters that stand newest first."""
    for newer, letter, older in zip([None, *letters], letters, [*letters[1:], None], strict=False):
        letter.next = newer
        letter.previous = older


def _join(generator: ArticlesGenerator) -> None:
    join_neighbours(generator.articles)
    for letter in set(every_letter(generator)).difference(generator.articles):
        letter.next = letter.previous = None


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_join)
