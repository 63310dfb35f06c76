"""One build: Pelican into a temporary folder, and from there only what changed into the site's."""

import contextlib
import io
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.settings import read_settings

from builder.places import Places
from builder.report import Report
from builder.sync import sync, sync_folder, workshop
from builder.words import site_gettext
from common.fact_values import FactsError
from plugins.findings import ContentFaults
from plugins.search import FOLDER, finish
from plugins.wording import WordedError, error_in_a_line


class CannotBuild(WordedError):
    """A place the build needs is not what it must be."""


def build(conf: Path, places: Places, search_later: bool = False) -> Report:
    """Build the site of these places by the settings in `conf`; any fault leaves the old site untouched.

    With `search_later` it does not wait for a new index of the search, which `finish_search` then brings.
    """
    report = Report()
    started = time.monotonic()
    try:
        _build(conf, places, report, {"SEARCH_LATER": search_later})
    except ContentFaults as error:
        report.faults += [str(fault) for fault in error.faults]
        report.findings = [finding.table() for finding in error.findings]
    except FactsError as error:
        report.faults.append(str(error))
    except WordedError as error:
        report.faults.append(error.told(site_gettext(places)))
    except OSError as error:
        message = site_gettext(places)("%(file)s: must be readable and writable (%(why)s)")
        report.faults.append(message % {"file": error.filename or places.output, "why": error.strerror})
    except Exception as error:  # a fault in a template or a plugin must not end the watcher
        logging.getLogger(__name__).debug("the build failed", exc_info=True)
        report.faults.append(error_in_a_line(error, places.theme))
    report.seconds = time.monotonic() - started
    return report


def finish_search(places: Places, report: Report) -> list[str]:
    """Bring the index that a build did not wait for, and none where the build failed; what is to be put right."""
    try:
        with workshop(places.output) as folder:
            if finish(folder / FOLDER, wanted=report.ok):
                sync_folder(folder, places.output, FOLDER)
    except WordedError as error:
        return [error.told(site_gettext(places))]
    return []


def _build(conf: Path, places: Places, report: Report, settings: dict[str, Any]) -> None:
    if not places.content.is_dir():
        raise CannotBuild('CONTENT must be a folder of letters; "%(folder)s" is none', folder=places.content)
    if places.output.is_relative_to(places.content) or places.content.is_relative_to(places.output):
        raise CannotBuild('OUTPUT must lie outside CONTENT; "%(folder)s" does not', folder=places.output)
    with workshop(places.output) as folder:
        with _collected(report), _counted(report), contextlib.redirect_stdout(io.StringIO()):
            Pelican(read_settings(str(conf), override={"OUTPUT_PATH": str(folder), **settings})).run()
        if report.ok:
            report.changed = sync(folder, places.output)


class _Collector(logging.Handler):
    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self.report = report

    def emit(self, record: logging.LogRecord) -> None:
        target = self.report.faults if record.levelno >= logging.ERROR else self.report.warnings
        target.append(record.getMessage())


@contextlib.contextmanager
def _collected(report: Report) -> Iterator[None]:
    """Everything that is logged as a warning goes into the report, and nowhere else."""
    root, handler = logging.getLogger(), _Collector(report)
    others = root.handlers[:]
    root.handlers[:] = [handler]
    try:
        yield
    finally:
        root.handlers[:] = others


@contextlib.contextmanager
def _counted(report: Report) -> Iterator[None]:
    def count(generators: list[Any]) -> None:
        context = generators[0].context
        report.letters, report.pages = len(context["articles"]), len(context["pages"])
        report.comments = sum(letter.conversation.count for letter in context["articles"])
        report.next_change = context["next_change"]
        report.findings = [finding.table() for finding in generators[0].settings["FINDINGS"]]
        report.set_aside = generators[0].settings["SET_ASIDE"]

    with signals.all_generators_finalized.connected_to(count):
        yield
