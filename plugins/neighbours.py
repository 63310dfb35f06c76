"""Gives each letter the one before and the one after it."""

from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator


def join_neighbours(letters: list[Any]) -> None:
    """Set `next` (newer) and `previous` (older) on letters that stand newest first."""
    for newer, letter, older in zip([None, *letters], letters, [*letters[1:], None], strict=False):
        letter.next = newer
        letter.previous = older


def _join(generator: ArticlesGenerator) -> None:
    join_neighbours(generator.articles)
    for letter in [*generator.drafts, *generator.hidden_articles]:
        letter.next = letter.previous = None


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_join)
