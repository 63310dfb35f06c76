"""One build: Pelican into a temporary folder, and from there only what changed into the site's."""

import contextlib
import io
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateNotFound
from pelican import Pelican, signals
from pelican.generators import Generator
from pelican.settings import read_settings

from builder.places import Places, check_sources
from builder.remember import keep, remembered
from builder.report import Report
from builder.sync import built_before, sync, sync_folder, workshop
from builder.words import site_gettext
from plugins.cores import HelperFault
from plugins.findings import ContentFaults
from plugins.memory import Memory
from plugins.moved import moved
from plugins.page_writer import PageWriter, writer_at_work
from plugins.search import FOLDER, bring, index_of
from plugins.wording import WordedError, error_in_a_line, missing_template, why


class CannotBuild(WordedError):
    """A place the build needs is not what it must be."""


@dataclass
class Made:
    """What a build had at hand in the end, for those who go on from there."""

    places: Places
    report: Report
    memory: Memory
    generators: list[Generator]
    writer: PageWriter

    @property
    def context(self) -> dict[str, Any]:
        """What Pelican's generators share: "articles", "pages" and so on."""
        context: dict[str, Any] = self.generators[0].context
        return context

    def generator(self, kind: type[Generator]) -> Any:
        """The generator of that class."""
        return next(generator for generator in self.generators if isinstance(generator, kind))


def build(conf: Path, places: Places) -> Report:
    """Build the site of these places by the settings in `conf`; any fault leaves the old site untouched.

    What the last build remembers is read from DATA, and written anew.
    """
    memory = remembered(conf, places)
    report = build_on(conf, places, memory)[0]
    if report.ok:
        keep(memory, conf, places)
    return report


def build_on(conf: Path, places: Places, memory: Memory, search_later: bool = False) -> tuple[Report, Made | None]:
    """The same with what is remembered at hand; in the end `memory` is of this build, if it succeeded.

    With `search_later` it does not wait for a new index of the search, which `finish_search` then brings.
    """
    report, made = Report(), None
    with told(report, places):
        made = _build(conf, places, report, {"SEARCH_LATER": search_later, "MEMORY": memory})
    report.moved = moved(memory)
    return report, made


@contextlib.contextmanager
def told(report: Report, places: Places) -> Iterator[None]:
    """Whatever goes wrong meanwhile is told in the report, and how long it took."""
    started = time.monotonic()
    try:
        yield
    except ContentFaults as error:
        report.faults += [str(fault) for fault in error.faults]
        report.findings, report.unread = [finding.table() for finding in error.findings], error.unread
    except WordedError as error:
        report.faults.append(error.told(site_gettext(places)))
    except TemplateNotFound as error:  # which Jinja takes for an error of the system
        report.faults.append(missing_template(error, places.theme).told(site_gettext(places)))
    except OSError as error:
        report.faults.append(_of_disk(error, places))
    except Exception as error:  # a fault in a template or a plugin must not end the watcher
        logging.getLogger(__name__).debug("the build failed", exc_info=True)
        report.faults.append(error_in_a_line(error, places.theme))
        report.is_lost = True
    finally:
        report.seconds = time.monotonic() - started


def _of_disk(error: OSError, places: Places) -> str:
    _ = site_gettext(places)
    message = _("%(file)s: must be readable and writable (%(why)s)")
    return message % {"file": error.filename2 or error.filename or places.output, "why": why(error, _)}


Alone = Callable[[], contextlib.AbstractContextManager[object]]


def finish_search(made: Made, alone: Alone = contextlib.nullcontext) -> list[str]:
    """Make the index that a build did not wait for, and bring it inside of `alone`; what is to be put right."""
    report, places = Report(), made.places
    with told(report, places):
        indexing = index_of(made.context, made.writer.settings)
        try:
            index = indexing.finished()
            with alone(), workshop(places.output) as folder:
                bring(index, folder / FOLDER)
                sync_folder(folder, places.output, FOLDER)
        except SystemExit:  # the next build waits for this process to end
            indexing.end(at_once=True)
            raise
        finally:
            indexing.end()
    return report.faults


def _build(conf: Path, places: Places, report: Report, settings: dict[str, Any]) -> Made | None:
    check_sources(places)
    if places.output.is_relative_to(places.content) or places.content.is_relative_to(places.output):
        raise CannotBuild('OUTPUT must lie outside CONTENT; "%(folder)s" does not', folder=places.output)
    memory: Memory = settings["MEMORY"]
    with workshop(places.output) as folder:
        with collected(report, places), _counted(report) as generators, contextlib.redirect_stdout(io.StringIO()):
            _run(read_settings(str(conf), override={"OUTPUT_PATH": str(folder), **settings}), report)
        if not report.ok:
            return None
        if settings["SEARCH_LATER"]:
            memory.keep(built_before(places.output, FOLDER))
        report.tell_changed(sync(folder, places.output, memory.kept))
        memory.settle()
    return Made(places, report, memory, generators, writer_at_work())


def _run(settings: dict[str, Any], report: Report) -> None:
    try:
        pelican = Pelican(settings)
        report.findings = [finding.table() for finding in settings["FINDINGS"]]
        report.unread = settings.get("ADVICE_LEFT", len(settings["SOURCES"]))
        pelican.run()
        if advice := settings.get("ADVICE"):
            with contextlib.suppress(HelperFault):  # advice stops nothing; what isn't told now is at the next build
                found, report.unread = advice.answer()
                report.findings = [finding.table() for finding in sorted({*settings["FINDINGS"], *found})]
    finally:
        for begun in settings.get("BESIDE", []):
            begun.end()


class _Collector(logging.Handler):
    def __init__(self, report: Report, places: Places) -> None:
        super().__init__(logging.WARNING)
        self.report = report
        self.places = places

    def emit(self, record: logging.LogRecord) -> None:
        for value in record.args if isinstance(record.args, tuple) else ():
            if isinstance(value, OSError):  # Pelican warns of a file that it could not copy, and goes on without
                self.report.faults.append(_of_disk(value, self.places))
                return
        target = self.report.faults if record.levelno >= logging.ERROR else self.report.warnings
        target.append(record.getMessage())


@contextlib.contextmanager
def collected(report: Report, places: Places) -> Iterator[None]:
    """Everything that is logged as a warning goes into the report, and nowhere else."""
    root, handler = logging.getLogger(), _Collector(report, places)
    others = root.handlers[:]
    root.handlers[:] = [handler]
    try:
        yield
    finally:
        root.handlers[:] = others


@contextlib.contextmanager
def _counted(report: Report) -> Iterator[list[Generator]]:
    at_work: list[Generator] = []

    def count(generators: list[Generator]) -> None:
        at_work[:] = generators
        context = generators[0].context
        report.letters, report.pages = len(context["articles"]), len(context["pages"])
        report.comments = sum(letter.conversation.count for letter in context["articles"])
        report.next_change = context["next_change"]
        report.set_aside = generators[0].settings["SET_ASIDE"]

    with signals.all_generators_finalized.connected_to(count):
        yield at_work
