"""The process that builds, apart from the one that watches: it stays, and with it all that it remembers.

It ends when a build goes wrong in a way that nobody foresaw, or when program or settings change; the next one is
started with what is written down in DATA. A fork server has the libraries loaded, so that starting costs little.
"""

import gc
import os
import signal
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from plugins.wording import ENDED, Gettext

_processes = get_context("forkserver")
_processes.set_forkserver_preload(["builder.warm"])

REST_SECONDS = 2
"""So long nothing may have changed before what is remembered is written down, which takes a moment."""


class Builder:
    """Builds in a process of its own, by what the function `begin` of a module of ours gives there for `place`.

    That has the methods of builder.running.Running: build, go_on, write_down and end.
    """

    def __init__(self, module: str, place: object, words: Callable[[], Gettext]) -> None:
        self.module = module
        self.place = place
        self.words = words
        self.process: BaseProcess | None = None
        self.pipe: Connection

    def build(self, changed: Collection[str] | None) -> dict[str, Any]:
        """Build what these changed files have to do with, or with None everything: the report as a table.

        It comes also when the process is killed: then "killed" is in it.
        """
        if self.process is None:
            self._start()
        assert self.process
        try:
            self.pipe.send(changed)
            table: dict[str, Any] = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            message = self.words()(ENDED) % {"code": self.process.exitcode}
            table = {"ok": False, "errors": [message], "killed": True}
        if table.pop("ends", True):
            self.end()
        return table

    def end(self) -> None:
        """End the process, and what it still works on."""
        if self.process:
            self.pipe.close()
            self.process.terminate()
            self.process.join()
            self.process = None

    def _start(self) -> None:
        self.pipe, theirs = _processes.Pipe()
        self.process = _processes.Process(target=_serve, args=(theirs, self.module, self.place), daemon=True)
        self.process.start()
        theirs.close()


def end_with_all(_number: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM: ask what this process started to end as well, and end."""
    for process in active_children():
        process.terminate()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit()  # by way of every `finally`, so that no program of ours runs on


def _serve(pipe: Connection, module: str, place: object) -> None:
    signal.signal(signal.SIGTERM, _leave)
    # A build makes many objects, and most of them stay: looking for garbage takes a twentieth of its time.
    gc.set_threshold(200_000, 20, 20)
    try:
        running = import_module(module).begin(place)  # our own modules are read anew by each such process
    except Exception as error:  # one of them can't be loaded: whoever changes it reads why
        pipe.send({"ok": False, "errors": [f"{type(error).__name__}: {error}"]})
        return
    try:
        _answer(pipe, running)
    finally:
        running.end()


def _answer(pipe: Connection, running: Any) -> None:
    while True:
        if not pipe.poll(REST_SECONDS):
            running.write_down()
        try:
            changed = pipe.recv()
        except EOFError:
            return
        pipe.send(running.build(changed))
        running.go_on(pipe)
