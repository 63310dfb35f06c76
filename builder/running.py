"""The builder that stays: it has the last build at hand, and from it makes only what a change has to do with."""

import os
import signal
import time
from collections.abc import Collection
from contextlib import nullcontext
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from builder.build import Alone, Made, build_on, finish_search
from builder.conversations import Seen, build_conversations
from builder.places import ROOT, Places
from builder.remember import epoch, keep, remembered
from builder.report import Report
from builder.texts import build_texts
from builder.words import summary

CONF = ROOT / "pelicanconf.py"
LEAVE_SECONDS = 5
"""How long the process that brings the index may take to tidy up before it is killed."""


class Running:
    """One builder for these places; `build` again and again, and `go_on` after each."""

    def __init__(self, where: Places, conf: Path = CONF) -> None:
        self.where = where
        self.conf = conf
        self.memory = remembered(conf, where)
        self.last: Made | None = None
        self.is_written = True
        self.searching = 0

    def build(self, changed: Collection[str] | None) -> dict[str, Any]:
        """The report as a table; "ends" tells that this process can't go on."""
        report = self.build_quickly(changed) if changed else None
        return self._table(report or self.build_all())

    def build_all(self) -> Report:
        """Look at everything, and make what is new."""
        self.stop_searching()
        self.last = None
        if self.memory.epoch != epoch(self.conf, self.where):
            self.memory = remembered(self.conf, self.where)
        report, self.last = build_on(self.conf, self.where, self.memory, search_later=True)
        self.is_written = self.is_written and not report.ok
        return report

    def build_quickly(self, changed: Collection[str], seen: Seen = lambda _report: None) -> Report | None:
        """A build of conversations alone, or of letters' words alone; None where it takes a whole build."""
        self.stop_searching()
        report = self._of_files(changed, seen) if self.last else None
        if report is None or report.ok:
            self.is_written = self.is_written and report is None
            return report
        self.memory = remembered(self.conf, self.where)  # what is at hand may be half new
        self.last = None
        return None

    def go_on(self, pipe: Connection, alone: Alone = nullcontext, again_seconds: float | None = None) -> None:
        """Bring the index of the search, inside of `alone`, in a process of its own that the next build ends.

        Where that can't be done, it says why, and tries again after so many seconds.
        """
        if not self.last:
            return
        self.searching = os.fork()
        os.setpgid(self.searching, self.searching)  # both do it, as it isn't known who comes first
        if self.searching:
            return
        try:
            pipe.close()
            self._search(self.last, alone, again_seconds)
        finally:
            os.killpg(0, signal.SIGKILL)  # this process, and whatever it has started

    def write_down(self) -> None:
        """Write what is remembered into DATA, if it is not there yet."""
        if not self.is_written:
            keep(self.memory, self.conf, self.where)
            self.is_written = True

    def stop_searching(self) -> None:
        """End the process that brings the index, wherever it is."""
        if self.searching:
            patience = time.monotonic() + LEAVE_SECONDS
            os.kill(self.searching, signal.SIGTERM)
            while os.waitpid(self.searching, os.WNOHANG) == (0, 0):
                # What it raises at the signal can be lost, where Python calls back and ignores what comes of it.
                if time.monotonic() > patience:
                    os.killpg(self.searching, signal.SIGKILL)
                time.sleep(0.001)
            self.searching = 0

    def end(self) -> None:
        """Leave nothing that runs."""
        self.stop_searching()

    def _of_files(self, changed: Collection[str], seen: Seen) -> Report | None:
        assert self.last
        files, published = [Path(name) for name in changed], Path(self.where.conversations)
        if all(file.parent == published and file.suffix == ".json" for file in files):
            return build_conversations(self.last, [file.name for file in files], seen)
        return build_texts(self.last, changed) if all(file.suffix == ".md" for file in files) else None

    def _search(self, made: Made, alone: Alone, again_seconds: float | None) -> None:
        while faults := finish_search(made, alone):
            print("\n".join(faults), flush=True)
            if again_seconds is None:
                return
            time.sleep(again_seconds)

    def _table(self, report: Report) -> dict[str, Any]:
        numbers = report.table()
        told = {"errors": numbers.pop("faults"), "ends": numbers.pop("is_lost")}
        return {**told, **numbers, "changed": report.changed_files, "summary": summary(report, self.where)}


def begin(where: Places) -> Running:
    """The builder of the preview."""
    return Running(where)
