"""published/<thread>.json: the approved conversation of a letter, all that readers ever see of a comment."""

import fcntl
import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from comments.settings import SettingsError
from comments.storage import Storage, StorageBusy, comments, threads, visible
from common.threads import comment_address, published_name

logger = logging.getLogger(__name__)

Row = dict[str, Any]

PUBLIC_STATES = {"published": "published", "pending": "held", "declined": "hidden", "hidden": "hidden"}
"""What readers learn of a comment that others stand under: shown, read again after an edit, or taken away."""


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
        "state": PUBLIC_STATES[row["state"]],
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
    """Writes the published files; one at a time over all threads and processes.

    A decision marks its thread as stale in its own transaction; the mark goes when the file is written.
    So no crash, full disk or other process leaves a hidden comment on a page for good.
    """

    def __init__(self, storage: Storage, folder: Path, render: Callable[[str], str]) -> None:
        self.storage = storage
        self.folder = folder
        self.render = render
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder}: must be a folder that can be written to ({error.strerror})") from None

    def decided(self, thread: int) -> None:
        """In the transaction of a decision: have the thread's file written once it is committed."""
        self.storage.execute(threads.update().where(threads.c.id == thread).values(stale=threads.c.stale + 1))
        self.storage.afterwards(self.catch_up)

    def publish(self, thread: int) -> None:
        """Write that thread's file; where it can't be now, the thread stays stale and is tried again."""
        try:
            self._write(thread)
        except (OSError, StorageBusy) as error:
            logger.error("published/ must be writable (%s); thread %d is tried again", error, thread)

    def address(self, uri: str, id: int, per_page: int) -> str:
        """Where readers find a published comment, by the file that the site's pages are made of."""
        file = self.folder / published_name(uri)
        tops = json.loads(file.read_bytes())["comments"] if file.exists() else []
        return comment_address(uri, tops, id, per_page)

    def is_stale(self, thread: int) -> bool:
        """Whether decisions wait to be written into the thread's file."""
        return bool(self.storage.execute(sa.select(threads.c.stale).where(threads.c.id == thread)).scalar())

    def catch_up(self) -> None:
        """Write every stale thread, whichever process took the decisions."""
        for row in self.storage.rows(sa.select(threads.c.id).where(threads.c.stale > 0)):
            self.publish(row["id"])

    def keep_up(self, ended: threading.Event, seconds: float = 5.0) -> None:
        """Catch up again and again until `ended` is set."""
        while not ended.wait(seconds):
            with suppress(StorageBusy):
                self.catch_up()

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
            row = self.storage.rows(sa.select(threads).where(threads.c.id == thread))[0]
            query = sa.select(comments).where(comments.c.tid == thread, visible)
            rows = self.storage.rows(query.order_by(comments.c.created, comments.c.id))
            text = json.dumps(conversation(row["uri"], rows, self.render), ensure_ascii=False, indent=1)
            _replace(self.folder / published_name(row["uri"]), text.encode() + b"\n")
            if row["stale"]:
                # A decision taken meanwhile has raised the mark, and keeps it.
                written = (threads.c.id == thread) & (threads.c.stale == row["stale"])
                self.storage.execute(threads.update().where(written).values(stale=0))

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
