"""The watcher as a process of its own: started, started again when it ends unasked, and ended."""

import os
import subprocess
import sys
import threading

from builder.places import ROOT, Places
from builder.words import site_gettext

REST_SECONDS = 1
"""How long to wait before the watcher is started again, as what ended it may end the next one at once."""


class Watcher:
    """The process that builds at every change; it runs from the start, and `keep` sees to it that it stays."""

    def __init__(self, where: Places) -> None:
        self.where = where
        self.process = _start(where)
        self.asked_to_end = threading.Event()
        self._lock = threading.Lock()

    def ended(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll()

    def keep(self) -> None:
        """From now on start it again, and say so, whenever it ends unasked."""
        threading.Thread(target=self._keep, daemon=True).start()

    def end(self) -> None:
        """Ask it to end, once and for all."""
        with self._lock:
            self.asked_to_end.set()
            self.process.terminate()

    def wait(self) -> None:
        """Wait for its end."""
        self.process.wait()

    def _keep(self) -> None:
        while not self.asked_to_end.is_set():
            code = self.process.wait()
            if not self.asked_to_end.wait(REST_SECONDS):
                self._start_again(code)

    def _start_again(self, code: int) -> None:
        with self._lock:
            if self.asked_to_end.is_set():
                return
            message = site_gettext(self.where)("The builder ended with exit code %(code)d and is started again.")
            print(message % {"code": code}, file=sys.stderr, flush=True)
            self.process = _start(self.where)


def _start(where: Places) -> subprocess.Popen[bytes]:
    """Start it in a session of its own: Ctrl-C reaches this process alone, which then ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "builder", "watch"],
        cwd=ROOT,
        env={**os.environ, **where.environment()},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
