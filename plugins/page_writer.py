"""Writes the pages of a large site on every core.

All pages are kept until the last is known. Those whose inputs are as they were at the last build are left as they are
(plugins.incremental); the others are shared.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Template
from pelican import Pelican, signals
from pelican.paginator import Paginator
from pelican.writers import Writer

from plugins.cores import shared
from plugins.fingerprints import Fingerprints
from plugins.memory import digest, memory_of

LEAST_PAGES = 40
"""Pages that make it worth while to start one more process."""


class Waiting(NamedTuple):
    """A page that is to be written: its path in the site, and what it is made from."""

    name: str
    template: Template
    context: dict[str, Any]
    override: bool
    named: dict[str, Any]


class PageWriter(Writer):  # type: ignore[misc]
    """Pelican's writer, which waits for `write_all` before it writes."""

    def __init__(self, output_path: str, settings: dict[str, Any]) -> None:
        super().__init__(output_path, settings)
        self.waiting: list[Waiting] = []
        self.prints = fingerprints(settings)
        _at_work.append(self)

    def write_file(
        self,
        name: str,
        template: Template,
        context: dict[str, Any],
        relative_urls: bool = False,
        paginated: dict[str, Any] | None = None,
        template_name: str | None = None,
        override_output: bool = False,
        url: str | None = None,
        **named: Any,
    ) -> None:
        """Called by Pelican's generators; the parameters are Pelican's."""
        if not name:  # as a draft has where drafts are not written
            return
        per_page = self.settings["PAGINATED_TEMPLATES"].get(template_name, 0)
        if template_name not in self.settings["PAGINATED_TEMPLATES"]:
            self.waiting.append(Waiting(name, template, context, override_output, named))
            return
        lists: dict[str, Any] = {key: named[key] for key in ("articles", "dates") if key in named}
        for at, more in _pages(name, url, lists, self.settings, per_page or self.settings["DEFAULT_PAGINATION"]):
            self.waiting.append(Waiting(at, template, context, override_output, {**named, **more}))

    def due(self, pages: Iterable[Waiting]) -> list[Waiting]:
        """Those of some pages that must be written: all, or those whose inputs are others than at the last build."""
        memory = memory_of(self.settings)
        if memory is None or self.prints is None:
            return list(pages)
        return [page for page in pages if memory.is_due(page.name, self.print_of(page))]

    def print_of(self, page: Waiting) -> bytes:
        """A page's fingerprint."""
        assert self.prints
        return self.prints.page(page.template, page.context, page.named, page.name)

    def write_all(self, pages: list[Waiting]) -> None:
        """Render and write these pages, on as many cores as are worth while; an error of any process is raised."""
        shared(self.write, pages, LEAST_PAGES, Path(self.settings["THEME"]))

    def begin_again(self) -> None:
        """For a build that goes on from this writer's: Pelican's refuses to write a page twice."""
        super().__init__(self.output_path, self.settings)

    def write(self, page: Waiting) -> None:
        """Render and write a page in this process."""
        super().write_file(page.name, page.template, page.context, override_output=page.override, **page.named)


def _pages(
    name: str, url: str | None, lists: dict[str, Any], settings: dict[str, Any], per_page: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The path of each page of a paginated list, and the variables that Pelican gives to its template."""
    paginators = {key: Paginator(name, url, letters, settings, per_page) for key, letters in lists.items()}
    number_of_pages = next(iter(paginators.values())).num_pages
    for number in range(1, number_of_pages + 1):
        more: dict[str, Any] = {}
        for key, paginator in paginators.items():
            page = paginator.page(number)
            more |= {f"{key}_paginator": paginator, f"{key}_page": page}
            more[f"{key}_previous_page"] = paginator.page(number - 1) if number > 1 else None
            more[f"{key}_next_page"] = paginator.page(number + 1) if number < number_of_pages else None
        yield page.save_as, more


def fingerprints(settings: dict[str, Any]) -> Fingerprints | None:
    """The fingerprints of a build; None where nothing is remembered."""
    memory = memory_of(settings)
    if memory is None:
        return None
    # Pages name the theme's files with a mark of their content.
    files = sorted(file for file in Path(settings["THEME"], "static").rglob("*") if file.is_file())
    everywhere = [part for file in files for part in (str(file).encode("utf-8", "surrogateescape"), file.read_bytes())]
    return Fingerprints(memory, settings["SITEURL"], digest(*everywhere))


_at_work: list[PageWriter] = []


def writer_at_work() -> PageWriter:
    """The writer of the build that this process does, or did last."""
    return _at_work[-1]


def _forget(_pelican: Pelican) -> None:
    _at_work.clear()  # the writer of a build that failed


def _write(_pelican: Pelican) -> None:
    for writer in _at_work:
        writer.write_all(writer.due(writer.waiting))


def _page_writer(_pelican: Pelican) -> type[Writer]:
    return PageWriter


def register() -> None:
    """Called by Pelican; first of all plugins, so that the others find the pages written when all is done."""
    signals.initialized.connect(_forget)
    signals.get_writer.connect(_page_writer)
    signals.finalized.connect(_write)
