"""Writes /sok/, and the index of letters, pages and conversations that it searches: /pagefind/<language>/."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.writers import Writer

from common.language import translations
from plugins.search_index import CannotIndex, Indexing, place, remove_others
from plugins.search_records import languages, primary, records

logger = logging.getLogger(__name__)

SAVE_AS = "sok/index.html"
FOLDER = "pagefind"


class SearchPage(Generator):  # type: ignore[misc]
    """Writes the page, and has the index made while the pages are rendered."""

    def generate_output(self, writer: Writer) -> None:
        """Called by Pelican, when every letter has its conversation."""
        found = languages(self.context["articles"], self.context["pages"])
        first = sorted(found, key=lambda language: (language != primary(self.settings["DEFAULT_LANG"]), language))
        writer.write_file(SAVE_AS, self.get_template("search"), self.context, search_languages=first)
        try:
            if not self.settings.get("SEARCH_LATER"):
                begin(self.context, self.settings)
        except CannotIndex as error:  # the page then leads to the archive and the topics
            logger.warning("%s", error.told(translations(self.settings["FACTS"].language).gettext))


_at_work: list[Indexing] = []


def index_of(context: Mapping[str, Any], settings: Mapping[str, Any]) -> Indexing:
    """The index of the letters and pages in a build's context, which whoever asks starts, brings and ends."""
    return Indexing(records(context["articles"], context["pages"]), Path(settings["DATA"], "search"))


def bring(index: Path, folder: Path) -> None:
    """Bring a finished index into a folder, and keep no older one."""
    place(index, folder)
    remove_others(index)


def begin(context: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Begin with the index of a build, which `finish` brings; CannotIndex."""
    indexing = index_of(context, settings)
    indexing.start()
    _at_work.append(indexing)


def finish(folder: Path, wanted: bool = True) -> bool:
    """Wait for the index that is being made and bring it into a folder; False where there is none, or none wanted."""
    while _at_work:
        indexing = _at_work.pop()
        try:
            if wanted:
                bring(indexing.finished(), folder)
                return True
        finally:
            indexing.end()
    return False


def _forget(_pelican: Pelican) -> None:
    finish(Path(), wanted=False)  # of a build that failed


def _place(pelican: Pelican) -> None:
    """With SEARCH_LATER, who builds asks for the index afterwards; until then the one that was there stays."""
    if not pelican.settings.get("SEARCH_LATER"):
        finish(Path(pelican.settings["OUTPUT_PATH"], FOLDER))


def _page(_pelican: Pelican) -> type[Generator]:
    return SearchPage


def register() -> None:
    """Called by Pelican."""
    signals.initialized.connect(_forget)
    signals.get_generators.connect(_page)
    signals.finalized.connect(_place)
