"""Writes the pages of a large site on every core: the processes share the work and nothing else.

All pages are kept until the last is known. Then this process forks, and each of the processes renders
and writes its share; as what they make are files, nothing has to come back but what was logged.
"""

import logging
import os
import pickle
from pathlib import Path
from typing import Any

from pelican import Pelican, signals
from pelican.writers import Writer

from plugins.wording import ENDED, WordedError, error_in_a_line

LEAST_PAGES = 150
"""Pages that make it worth while to start one more process."""

logger = logging.getLogger(__name__)


Record = tuple[int, str]
"""A log record's level and message."""


class PageFault(WordedError):
    """A page could not be written by a helper; it says where and why."""


class PageWriter(Writer):  # type: ignore[misc]
    """Pelican's writer, which waits for `write_all` before it writes."""

    def __init__(self, output_path: str, settings: dict[str, Any]) -> None:
        super().__init__(output_path, settings)
        self.waiting: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        _at_work.append(self)

    def write_file(self, *args: Any, **named: Any) -> None:
        """Called by Pelican's generators."""
        self.waiting.append((args, named))

    def write_all(self, processes: int) -> None:
        """Render and write every page, in so many processes; an error of any of them is raised."""
        helpers = [self._start_helper(number, processes) for number in range(1, processes)]
        try:
            self.write_share(0, processes)
        finally:
            answers = [_hear(*helper) for helper in helpers]
        for fault, records in answers:
            for level, message in records:
                logger.log(level, "%s", message)
            if fault:
                raise PageFault("%(fault)s", fault=fault)

    def write_share(self, number: int, processes: int) -> None:
        """Write every so-manieth page, beginning with that number."""
        for args, named in self.waiting[number::processes]:
            super().write_file(*args, **named)

    def _start_helper(self, number: int, processes: int) -> tuple[int, int]:
        """Fork; the helper's process id and the pipe it will answer by."""
        ours, theirs = os.pipe()
        process = os.fork()
        if process:
            os.close(theirs)
            return process, ours
        try:
            answer = pickle.dumps(_help(self, number, processes))
            with os.fdopen(theirs, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)  # the rest of this program, like tidying up at its end, is not the helper's to do


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[Record] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.levelno, record.getMessage()))


def _help(writer: PageWriter, number: int, processes: int) -> tuple[str, list[Record]]:
    """What a helper does: its share; what went wrong, and what was logged."""
    listener = _Listener()
    logging.getLogger().handlers[:] = [listener]
    try:
        writer.write_share(number, processes)
    except Exception as error:  # told by the process that waits
        return error_in_a_line(error, Path(writer.settings["THEME"])), listener.records
    return "", listener.records


def _hear(process: int, pipe: int) -> tuple[str, list[Record]]:
    """Wait for a helper's answer and its end."""
    with os.fdopen(pipe, "rb") as answer:
        data = answer.read()
    _process, status = os.waitpid(process, 0)
    if not data:
        raise PageFault(ENDED, code=os.waitstatus_to_exitcode(status))
    told: tuple[str, list[Record]] = pickle.loads(data)  # noqa: S301  from our own child
    return told


_at_work: list[PageWriter] = []


def _forget(_pelican: Pelican) -> None:
    _at_work.clear()  # the writer of a build that failed


def _write(_pelican: Pelican) -> None:
    for writer in _at_work:
        writer.write_all(min(len(os.sched_getaffinity(0)), 1 + len(writer.waiting) // LEAST_PAGES))


def _page_writer(_pelican: Pelican) -> type[Writer]:
    return PageWriter


def register() -> None:
    """Called by Pelican; first of all plugins, so that the others find the pages written when all is done."""
    signals.initialized.connect(_forget)
    signals.get_writer.connect(_page_writer)
    signals.finalized.connect(_write)
