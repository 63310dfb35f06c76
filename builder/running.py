"""The builder that stays: it has the last build at hand, and from it makes only what a change has to do with."""

import os
import signal
from collections.abc import Collection
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from builder.build import Made, build_on, finish_search
from builder.conversations import build_conversations
from builder.places import ROOT, Places
from builder.remember import epoch, keep, remembered
from builder.report import Report
from builder.texts import build_texts
from builder.words import summary

CONF = ROOT / "pelicanconf.py"


class Running:
    """One builder for these places; `build` again and again, and `go_on` after each."""

    def __init__(self, where: Places) -> None:
        self.where = where
        self.memory = remembered(CONF, where)
        self.last: Made | None = None
        self.is_written = True
        self.searching = 0

    def build(self, changed: Collection[str] | None) -> dict[str, Any]:
        """The report as a table; "ends" tells that this process can't go on."""
        self._stop_searching()
        report = self._quickly(changed) if changed and self.last else None
        if report is None:
            self.last = None
            if self.memory.epoch != epoch(CONF, self.where):
                self.memory = remembered(CONF, self.where)
            report, self.last = build_on(CONF, self.where, self.memory, search_later=True)
        self.is_written = self.is_written and not report.ok
        return self._table(report)

    def go_on(self, pipe: Connection) -> None:
        """Bring the index of the search, in a process of its own that the next build ends."""
        if not self.last:
            return
        self.searching = os.fork()
        if self.searching:
            return
        try:
            pipe.close()
            for line in finish_search(self.last):
                print(line, flush=True)
        finally:
            os._exit(0)

    def write_down(self) -> None:
        """Write what is remembered into DATA, if it is not there yet."""
        if not self.is_written:
            keep(self.memory, CONF, self.where)
            self.is_written = True

    def end(self) -> None:
        """Leave nothing that runs."""
        self._stop_searching()

    def _quickly(self, changed: Collection[str]) -> Report | None:
        """A build of conversations alone, or of letters' words alone; None where it takes a whole build."""
        if not self.last:
            return None
        files = [Path(name) for name in changed]
        if all(file.parent == self.where.published and file.suffix == ".json" for file in files):
            report = build_conversations(self.last, [file.name for file in files])
        elif all(file.suffix == ".md" for file in files):
            report = build_texts(self.last, changed)
        else:
            return None
        if report is None or report.ok:
            return report
        self.memory = remembered(CONF, self.where)  # what is at hand may be half new
        return None

    def _stop_searching(self) -> None:
        if self.searching:
            os.kill(self.searching, signal.SIGTERM)
            os.waitpid(self.searching, 0)
            self.searching = 0

    def _table(self, report: Report) -> dict[str, Any]:
        numbers = asdict(report)
        told = {"ok": report.ok, "errors": numbers.pop("faults"), "ends": numbers.pop("is_lost")}
        return {**told, **numbers, "changed": report.changed_files, "summary": summary(report, self.where)}
