"""A build in a process of its own, which goes on with the search's index when the pages are there.

A process a build keeps Pelican's caches and a broken plugin from living on; the fork server has the
libraries loaded, so that starting one costs milliseconds.
"""

import os
import signal
import sys
from dataclasses import asdict
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from builder.places import ROOT, Places, places
from builder.words import site_gettext
from plugins.wording import ENDED

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["builder.warm"])


def build_apart(where: Places) -> tuple[dict[str, Any], BaseProcess]:
    """Build in a new process: the report as a table, also when it is killed, and the process, which may work on."""
    ours, theirs = _processes.Pipe(duplex=False)
    process = _processes.Process(target=_build, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        table: dict[str, Any] = ours.recv()
    except EOFError:
        process.join()
        table = {"ok": False, "errors": [site_gettext(where)(ENDED) % {"code": process.exitcode}]}
    ours.close()
    return table, process


def end(process: BaseProcess | None) -> None:
    """End what a build still works on: the next one does it, with newer words."""
    if process:
        process.terminate()
        process.join()


def end_with_all(_number: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM: ask what this process started to end as well, and end."""
    for process in active_children():
        process.terminate()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit()  # by way of every `finally`, so that no program of ours runs on


def _build(answer: Connection) -> None:
    signal.signal(signal.SIGTERM, _leave)
    try:
        _build_and_tell(answer)
    except Exception as error:  # one of our own modules can't be loaded: whoever changes it reads why
        answer.send({"ok": False, "errors": [f"{type(error).__name__}: {error}"]})


def _build_and_tell(answer: Connection) -> None:
    from builder.build import build, finish_search
    from builder.words import summary

    where = places()
    report = build(ROOT / "pelicanconf.py", where, search_later=True)
    numbers = asdict(report)
    answer.send({"ok": report.ok, "errors": numbers.pop("faults"), **numbers, "summary": summary(report, where)})
    for line in finish_search(where, report):
        print(line, flush=True)
