"""Joins a letter or page with its translations: each says in which other languages it can be read."""

from collections.abc import Iterable
from typing import Any

from pelican import signals
from pelican.generators import ArticlesGenerator, PagesGenerator


def split(texts: list[Any]) -> tuple[list[Any], list[Any]]:
    """Which of these are originals, and which translations; each is told of the `translations` beside it.

    By Pelican's own rules (process_translations), which take the square of the number of letters in time.
    """
    groups: dict[str, list[Any]] = {}
    for text in texts:
        groups.setdefault(text.original, []).append(text)
    originals: set[int] = set()
    for group in groups.values():
        group.sort(key=lambda text: str(text.source_path))
        candidates = [text for text in group if text.metadata["translation"] == "False"] or group
        originals.update(map(id, [text for text in candidates if text.in_default_lang] or candidates))
        for text in group:
            text.translations = [other for other in group if other is not text]
    return [text for text in texts if id(text) in originals], [text for text in texts if id(text) not in originals]


def join(texts: Iterable[Any]) -> None:
    """Give each of these originals, and each of their translations, `versions` and `translated`.

    `versions` are the text and its translations, the original first; none where it has no translation.
    `translated` is the text that a translation is one of, whose topics it has; None for an original.
    """
    for text in texts:
        others = sorted(text.translations, key=lambda other: str(other.lang))
        text.translated = None
        text.versions = [text, *others] if others else []
        for other in others:
            other.translated, other.versions = text, text.versions
            other.tags = getattr(text, "tags", [])  # topics list originals, and have one name each


def every_letter(generator: ArticlesGenerator) -> list[Any]:
    """All letters that get a page: published, hidden and drafts, and the translations of each."""
    originals = [*generator.articles, *generator.hidden_articles, *generator.drafts]
    return [*originals, *generator.translations, *generator.hidden_translations, *generator.drafts_translations]


def _split_letters(generator: ArticlesGenerator) -> None:
    generator.articles, generator.translations = split(generator.articles)
    generator.hidden_articles, generator.hidden_translations = split(generator.hidden_articles)
    generator.drafts, generator.drafts_translations = split(generator.drafts)


def _join_letters(generator: ArticlesGenerator) -> None:
    join([*generator.articles, *generator.hidden_articles, *generator.drafts])


def _join_pages(generator: PagesGenerator) -> None:
    join([*generator.pages, *generator.hidden_pages, *generator.draft_pages])


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_pretaxonomy.connect(_split_letters)
    signals.article_generator_finalized.connect(_join_letters)
    signals.page_generator_finalized.connect(_join_pages)
