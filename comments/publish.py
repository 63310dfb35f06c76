"""published/<thread>.json: the approved conversation of a letter, all that readers ever see of a comment."""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comments.settings import SettingsError
from comments.storage import Storage, StorageBusy, comments, threads, visible
from common.threads import published_name

logger = logging.getLogger(__name__)

Row = dict[str, Any]


def conversation(uri: str, rows: list[Row], render: Callable[[str], str]) -> dict[str, Any]:
    """The public form of a thread; `rows` are its visible comments, oldest first.

    Replies lie flat under the top of their branch. A comment that is not published but has one below
    it (hidden, or held again after an edit) keeps its place, without name and text.
    """
    replies: dict[int, list[Row]] = {}
    for row in rows:
        if row["root"] is not None:
            replies.setdefault(row["root"], []).append(row)
    shown = [
        {**_public(top, render), "replies": [_public(row, render) for row in replies.get(top["id"], [])]}
        for top in rows
        if top["root"] is None
    ]
    count = sum(row["state"] == "published" for row in rows)
    return {"format": 1, "uri": uri, "count": count, "comments": shown}


def _public(row: Row, render: Callable[[str], str]) -> Row:
    shown = row["state"] == "published"
    return {
        "id": row["id"],
        "state": "published" if shown else "hidden",
        "author": row["author"] if shown else None,
        "official": row["official"] if shown else None,
        "created": _iso(row["created"]),
        "edited": _iso(row["modified"]) if shown and row["modified"] else None,
        "html": render(row["text"]) if shown else "",
        "answers": row["parent"],
        "replies": [],
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


class Publisher:
    """Writes the published files; one at a time over all threads and processes."""

    def __init__(self, storage: Storage, folder: Path, render: Callable[[str], str]) -> None:
        self.storage = storage
        self.folder = folder
        self.render = render
        self.unwritten: set[int] = set()
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder}: must be a folder that can be written to ({error.strerror})") from None

    def publish(self, thread: int) -> None:
        """Write that thread's file, and any that could not be written before.

        A full disk loses no decision: the thread stays in `unwritten` and is tried again next time.
        """
        for each in sorted({thread, *self.unwritten}):
            try:
                self._write(each)
                self.unwritten.discard(each)
            except (OSError, StorageBusy) as error:
                self.unwritten.add(each)
                logger.error("published/ must be writable (%s); thread %d is tried again later", error, each)

    def publish_all(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Write every thread anew; gives their number. `progress` is told (done, of all)."""
        ids = [row["id"] for row in self.storage.rows(sa.select(threads.c.id).order_by(threads.c.id))]
        for done, thread in enumerate(ids, 1):
            self.publish(thread)
            if progress:
                progress(done, len(ids))
        return len(ids)

    def _write(self, thread: int) -> None:
        with self._alone():
            # Read inside the lock, so that the last to write has seen the newest decision.
            uri = self.storage.rows(sa.select(threads.c.uri).where(threads.c.id == thread))[0]["uri"]
            query = sa.select(comments).where(comments.c.tid == thread, visible)
            rows = self.storage.rows(query.order_by(comments.c.created, comments.c.id))
            text = json.dumps(conversation(uri, rows, self.render), ensure_ascii=False, indent=1)
            _replace(self.folder / published_name(uri), text.encode() + b"\n")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock, (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that already has this content is left alone."""
    if path.exists() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
