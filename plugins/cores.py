"""Does the same with many things on every core: this process forks, and each of the processes does its share.

They share the work and nothing else: what a helper finds comes back pickled, and what it logs is logged here.
"""

import logging
import os
import pickle
import signal
from collections.abc import Callable, MutableMapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import TemplateNotFound

from plugins.wording import ENDED, WordedError, error_in_a_line, missing_template

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Record = tuple[int, str]
"""A log record's level and message."""
Fault = tuple[str, dict[str, Any]] | None
"""The message and the values of what is told of an error."""


class HelperFault(WordedError):
    """A helper could not do its share; it says where and why."""


def shared(work: Callable[[Item], Answer], items: Sequence[Item], least: int, theme: Path) -> list[Answer]:
    """What `work` makes of each item, on as many cores as are worth while; an error of any process is raised.

    It takes `least` items to make one more process worth while. Errors name their place in `theme`, if they have one.
    """
    processes = min(len(os.sched_getaffinity(0)), 1 + len(items) // least)
    helpers = [_start_helper(work, items[number::processes], theme) for number in range(1, processes)]
    answers: list[Any] = [None] * len(items)
    try:
        answers[::processes] = map(work, items[::processes])
    finally:
        heard = [_hear(*helper) for helper in helpers]
    for number, (fault, found, records) in enumerate(heard, 1):
        for level, message in records:
            logger.log(level, "%s", message)
        if fault:
            raise fault
        answers[number::processes] = found
    return answers


def beside(settings: MutableMapping[str, Any], work: Callable[[], Any]) -> "Beside":
    """Something done while the build with these settings goes on, and ended with it."""
    begun = Beside(work, Path(settings["THEME"]))
    settings.setdefault("BESIDE", []).append(begun)
    return begun


class Beside:
    """Something done by a helper while this process goes on; where there is one core alone it is done at once."""

    def __init__(self, work: Callable[[], Any], theme: Path) -> None:
        self._done: list[Any] = []
        self._helper: tuple[int, int] | None = None
        if len(os.sched_getaffinity(0)) > 1:
            self._helper = _start_helper(lambda _item: work(), [None], theme)
        else:
            self._done = [work()]

    def answer(self) -> Any:
        """What came of it, waited for if need be; its error is raised."""
        if self._helper:
            helper, self._helper = self._helper, None
            fault, self._done, records = _hear(*helper)
            for level, message in records:
                logger.log(level, "%s", message)
            if fault:
                raise fault
        return self._done[0]

    def end(self) -> None:
        """End it where nobody wants to know any more."""
        if self._helper:
            process, pipe = self._helper
            self._helper = None
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(pipe)


def _start_helper(work: Callable[[Any], Any], items: Sequence[Any], theme: Path) -> tuple[int, int]:
    """Fork; the helper's process id and the pipe it will answer by."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process:
        os.close(theirs)
        return process, ours
    try:
        answer = pickle.dumps(_help(work, items, theme), protocol=5)
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


def _help(work: Callable[[Any], Any], items: Sequence[Any], theme: Path) -> tuple[Fault, list[Any], list[Record]]:
    """What a helper does: its share; what went wrong, what it found, and what was logged."""
    listener = _Listener()
    logging.getLogger().handlers[:] = [listener]
    try:
        return None, [work(item) for item in items], listener.records
    except TemplateNotFound as error:
        fault = missing_template(error, theme)
        return (fault.message, fault.values), [], listener.records
    except Exception as error:  # told by the process that waits
        return ("%(fault)s", {"fault": error_in_a_line(error, theme)}), [], listener.records


def _hear(process: int, pipe: int) -> tuple[HelperFault | None, list[Any], list[Record]]:
    """Wait for a helper's answer and its end."""
    with os.fdopen(pipe, "rb") as answer:
        data = answer.read()
    _process, status = os.waitpid(process, 0)
    if not data:
        return HelperFault(ENDED, code=os.waitstatus_to_exitcode(status)), [], []
    fault, found, records = pickle.loads(data)  # noqa: S301  from our own child
    return HelperFault(fault[0], **fault[1]) if fault else None, found, records
