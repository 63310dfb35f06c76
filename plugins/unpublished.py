"""Marks what only the one who writes can see yet, drafts and letters of the future, and lists it at /utkast/.

In work alone: in publication no draft is built and no letter before its time, so there is nothing to mark.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time
from pelican import signals
from pelican.generators import ArticlesGenerator, Generator, PagesGenerator
from pelican.writers import Writer

from common.language import translations
from plugins.translations import every_letter
from plugins.wording import Gettext

SAVE_AS = "utkast/index.html"


def mark_of(text: Any, now: float, language: str, _: Gettext) -> str:
    """What is to be said of a letter or page that nobody else can see yet; "" where there is nothing to say.

    `now` is in seconds since 1970.
    """
    if text.status == "draft":
        return _("Draft – seen here only")
    date = getattr(text, "date", None)
    if date is None or date.timestamp() <= now:
        return ""
    return _("Will be published on %(moment)s") % {"moment": moment(date, language)}


def moment(date: datetime, language: str) -> str:
    """A weekday, day and time in that language: "måndag 30 november kl. 08.00", with the year if it isn't this one."""
    swedish, year = language == "sv", "" if date.year == datetime.now(date.tzinfo).year else " y"
    day = format_date(date, f"EEEE d MMMM{year}", locale=language)
    hour = format_time(date, "HH.mm" if swedish else "HH:mm", locale=language)
    return f"{day} kl. {hour}" if swedish else f"{day}, {hour}"


def _mark_letters(generator: ArticlesGenerator) -> None:
    if generator.settings["SITEURL"]:
        return
    _mark(every_letter(generator), generator, time.time())


def _mark_pages(generator: PagesGenerator) -> None:
    if not generator.settings["SITEURL"]:
        _mark([*generator.pages, *generator.hidden_pages, *generator.draft_pages], generator, time.time())


def _mark(texts: Iterable[Any], generator: Generator, now: float) -> None:
    language = generator.settings["FACTS"].language
    _ = translations(language).gettext
    for text in texts:
        text.unpublished = mark_of(text, now, language, _)
        if text.unpublished:
            generator.context.setdefault("unpublished", []).append(text)


class UnpublishedPage(Generator):  # type: ignore[misc]
    """Writes the list, also when nothing waits."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican."""
        if self.settings["SITEURL"]:
            return
        texts = sorted(self.context.get("unpublished", []), key=lambda text: (text.status != "draft", _time(text)))
        lists = {"drafts": [], "future": []}  # type: dict[str, list[Any]]
        for text in texts:
            lists["drafts" if text.status == "draft" else "future"].append(text)
        writer.write_file(SAVE_AS, self.get_template("unpublished"), self.context, **lists)


def _time(text: Any) -> tuple[float, str]:
    date = getattr(text, "date", None)
    return (date.timestamp() if date else 0.0), str(text.slug)


def register() -> None:
    """Called by Pelican."""
    signals.article_generator_finalized.connect(_mark_letters)
    signals.page_generator_finalized.connect(_mark_pages)
    signals.get_generators.connect(_page)


def _page(_pelican: Any) -> type[Generator]:
    return UnpublishedPage
