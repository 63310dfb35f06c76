"""The last build as $DATA/build.json has it, and waiting for the next one without keeping others waiting."""

import json
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

WAITERS = 8
"""How many browsers may wait at once, each on a thread of its own; the one that has waited longest gives way."""
WAIT_SECONDS = 20
LOOK_SECONDS = 0.01
"""How often the file is looked at while somebody waits."""
NONE_YET: dict[str, Any] = {"build": 0, "ok": True, "errors": []}


class News:
    """What the builder told last."""

    def __init__(self, data: Path) -> None:
        self.file = data / "build.json"
        self.ended = threading.Event()
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, int], dict[str, Any]] = ((0, 0), NONE_YET)

    def state(self) -> dict[str, Any]:
        """The last build's table; number 0 before the first."""
        try:
            stat = self.file.stat()
            if self._known[0] != (mark := (stat.st_mtime_ns, stat.st_ino)):
                self._known = mark, json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            return NONE_YET
        return self._known[1]

    def after(self, build: int) -> dict[str, Any]:
        """The first table of another build than that, or the same after a while: then ask again."""
        patience = time.monotonic() + WAIT_SECONDS
        leave = self._come()
        while self.state()["build"] == build and time.monotonic() < patience and not self.ended.is_set():
            if leave.wait(LOOK_SECONDS):
                break
        with self._lock, suppress(ValueError):
            self._waiting.remove(leave)
        return self.state()

    def end(self) -> None:
        """Let everybody who waits go, so that the preview can end."""
        self.ended.set()

    def _come(self) -> threading.Event:
        with self._lock:
            self._waiting.append(own := threading.Event())
            if len(self._waiting) > WAITERS:
                self._waiting.popleft().set()
        return own
