"""published/<thread>.json: the approved conversation of a letter, all that readers ever see of a comment.

And published/closures.json: when letters take no comments.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from comments import closures
from comments.ledger import ASIDE, HEAD
from comments.masking import shown
from comments.settings import SettingsError
from comments.storage import HTML_CHARACTERS, Storage, StorageBusy, comments, ledger, threads, visible
from common.closures import FILE
from common.threads import comment_address, published_name

if TYPE_CHECKING:
    from comments.rendering import Renderer  # loads Isso, which takes long

logger = logging.getLogger(__name__)

Row = dict[str, Any]
Position = tuple[int, str]
"""A row of the ledger, by number and hash: the same number in another database is another place."""

POSITION = ".position"
SHAPE = 2
"""To be raised when `conversation` gives other files of the same rows: an upgrade then writes all of them anew."""
BESIDE = {"statistics.json"}
"""What lies beside the conversations and is no thread's."""
PATIENCE_SECONDS = 15
SHOWN = ("id", "parent", "root", "state", "created", "modified", "author", "official", "text", "masked")
KEPT = ("html", "renderer")
"""The columns that a published file is made of, and those that keep what was rendered."""

PUBLIC_STATES = {
    "published": "published",
    "pending": "held",
    "declined": "hidden",
    "hidden": "hidden",
    "disposed": "disposed",
}
"""What readers learn of a comment that others stand under: shown, read again after an edit, taken away, disposed of."""


def conversation(uri: str, rows: list[Row]) -> dict[str, Any]:
    """The public form of a thread; `rows` are its visible comments with their html, oldest first.

    Replies lie flat under the top of their branch. A comment that is not published but has one below
    it (hidden, or held again after an edit) keeps its place, without name and text.
    """
    replies: dict[int, list[Row]] = {}
    for row in rows:
        if row["root"] is not None:
            replies.setdefault(row["root"], []).append(row)
    listed = [
        {**_public(top), "replies": [_public(row) for row in replies.get(top["id"], [])]}
        for top in rows
        if top["root"] is None
    ]
    count = sum(row["state"] == "published" for row in rows)
    return {"format": 1, "uri": uri, "count": count, "comments": listed}


def _public(row: Row) -> Row:
    is_shown = row["state"] == "published"
    return {
        "id": row["id"],
        "state": PUBLIC_STATES[row["state"]],
        "author": row["author"] if is_shown else None,
        "official": row["official"] if is_shown else None,
        "created": _iso(row["created"]),
        "edited": _iso(row["modified"]) if is_shown and row["modified"] else None,
        "html": row["html"] if is_shown else "",
        "masked": is_shown and row["masked"] is not None,
        "reason": row["reason"] if PUBLIC_STATES[row["state"]] == "hidden" else None,
        "answers": row["parent"],
        "replies": [],
    }


def _listed(thread: int) -> sa.Select[Any]:
    """The visible comments of a thread, oldest first, with `reason`, the code by which one was taken away."""
    took = ledger.c.what.in_(("declined", "hidden"))
    newest = sa.select(sa.func.max(ledger.c.id)).where(ledger.c.comment == comments.c.id, took).correlate(comments)
    why = sa.select(ledger.c.reason).where(ledger.c.id == newest.scalar_subquery()).correlate(comments)
    is_away = comments.c.state.in_(("declined", "hidden"))
    columns = [
        *(comments.c[name] for name in (*SHOWN, *KEPT)),
        sa.case((is_away, why.scalar_subquery())).label("reason"),
    ]
    return sa.select(*columns).where(visible(thread)).order_by(comments.c.id)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


class Publisher:
    """Writes the published files; one at a time over all threads and processes.

    They show the ledger as far as the file .position says. What was decided after that is written again and
    again until it is there, so no crash, full disk or other process leaves a hidden comment on a page for good.
    """

    def __init__(self, storage: Storage, folder: Path, render: "Renderer") -> None:
        self.storage = storage
        self.folder = folder
        self.render = render
        self._maker = f"{SHAPE}, {render.version}"
        self._lock = threading.Lock()
        self._failed: set[int] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"{folder}: must be a folder that can be written to ({error.strerror})") from None

    def decided(self, thread: int) -> None:
        """In the transaction of a decision: have the thread's file written once it is committed."""
        self.storage.afterwards(lambda: self.publish(thread))

    def publish(self, thread: int) -> None:
        """Write that thread's file; where it can't be now, the thread stays stale and is tried again."""
        try:
            position, head = self._position(), self._head()
            if self._tried(thread) and position and set(self._changed(position, head)) <= {thread}:
                self._advance(head)
        except (OSError, StorageBusy) as error:
            logger.error("published/ must be writable (%s); it is tried again", error)
        except Exception:  # the decision is taken: whatever went wrong here must not look as if it were not
            logger.exception("thread %d could not be published; it is tried again", thread)

    def publish_closures(self) -> None:
        """Tell the builder when letters take no comments; where it can't be now, `catch_up` tries again."""
        try:
            self._write_closures()
        except (OSError, StorageBusy) as error:
            logger.error("published/ must be writable (%s); it is tried again", error)

    def _write_closures(self) -> None:
        """The file of the closures; there is none until something was closed."""
        file = self.folder / FILE
        if file.exists():
            if file.read_bytes() == self._closures():
                return
        elif not closures.were_ever(self.storage):
            return
        with self._alone():
            _replace(file, self._closures())  # read inside the lock, as a thread is

    def _closures(self) -> bytes:
        table = closures.public(closures.standing_now(self.storage))
        return json.dumps(table, ensure_ascii=False, indent=1).encode() + b"\n"

    def is_stale(self, thread: int) -> bool:
        """Whether this thread's file could not be written when that was last tried here."""
        return thread in self._failed

    def address(self, uri: str, id: int, per_page: int) -> str:
        """Where readers find a published comment, by the file that the site's pages are made of."""
        file = self.folder / published_name(uri)
        try:
            tops = json.loads(file.read_bytes())["comments"]
        except FileNotFoundError:
            tops = []
        return comment_address(uri, tops, id, per_page)

    def catch_up(self) -> None:
        """Write every thread that was decided about since .position, in whichever process; all where it is lost.

        The closures' file too, which a full disk or a process that died may have left as it was.
        """
        self.publish_closures()
        position, head = self._position(), self._head()
        if position == head:
            return
        threads = self._changed(position, head) if position else self._threads()
        written = [self._tried(thread) for thread in threads]  # each, whatever becomes of the others
        if all(written):
            self._advance(head)

    def keep_up(self, ended: threading.Event, seconds: float = 5.0) -> None:
        """Catch up, now and again and again until `ended` is set."""
        while not ended.is_set():
            try:
                self.catch_up()
                self.storage.tidy()
            except (StorageBusy, OSError) as error:
                logger.warning("published/ could not be brought up to date (%s); it is tried again", error)
            except Exception:
                logger.exception("published/ could not be brought up to date; it is tried again")
            ended.wait(seconds)

    def publish_all(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Write every thread anew, take out what belongs to none, and give their number; OSError where it can't be.

        `progress` is told (done, of all).
        """
        found = list(self.folder.glob("*.json"))
        head, ids = self._head(), self._threads()
        written = []
        for done, thread in enumerate(ids, 1):
            written.append(self._tried(thread))
            if progress:
                progress(done, len(ids))
        if not all(written):
            raise OSError(f"published/ must be writable: {written.count(False)} of {len(ids)} threads are not written")
        self._write_closures()
        known = {published_name(row.uri) for row in self.storage.execute(sa.select(threads.c.uri))} | {FILE} | BESIDE
        for file in found:
            if file.name not in known:
                file.unlink(missing_ok=True)
        self._advance(head)
        return len(ids)

    def write(self, name: str, make: Callable[[], bytes]) -> None:
        """Write a file beside the conversations; made when no other process writes, so that the newest stays."""
        with self._alone():
            _replace(self.folder / name, make())

    def _threads(self) -> list[int]:
        return [row.id for row in self.storage.execute(sa.select(threads.c.id).order_by(threads.c.id))]

    def _changed(self, position: Position, head: Position) -> list[int]:
        """The threads whose public part was changed by the ledger's rows after `position` and up to `head`."""
        # Any other change of state may change what stands in a blank place; a new comment has no state before.
        seen = (ledger.c.before != ledger.c.after) | (ledger.c.after == "published") & ledger.c.what.not_in(ASIDE)
        since = (ledger.c.id > position[0]) & (ledger.c.id <= head[0]) & seen
        query = sa.select(comments.c.tid).distinct().join_from(ledger, comments).where(since)
        return [row.tid for row in self.storage.execute(query)]

    def _head(self) -> Position:
        row = self.storage.rows(sa.select(*HEAD))[0]
        return row["rows"] or 0, row["head"] or ""

    def _position(self) -> Position | None:
        """How far the files show the ledger; None where they are not of this ledger, or made in another way."""
        try:
            number, hash, made = (self.folder / POSITION).read_text(encoding="ascii").split("\n", 2)
            id = int(number)
        except (OSError, ValueError):
            return None
        row = self.storage.row(sa.select(ledger.c.hash).where(ledger.c.id == id))
        known = (row["hash"] if row else "") == hash and (row is not None or id == 0)
        return (id, hash) if known and made.strip() == self._maker else None

    def _advance(self, head: Position) -> None:
        _sync(self.folder)
        with self._alone():
            position = self._position()
            if position is None or position[0] < head[0]:
                _replace(self.folder / POSITION, f"{head[0]}\n{head[1]}\n{self._maker}\n".encode())

    def _tried(self, thread: int) -> bool:
        try:
            self._write(thread)
        except (OSError, StorageBusy) as error:
            logger.error("published/ must be writable (%s); thread %d is tried again", error, thread)
            self._failed.add(thread)
            return False
        except Exception:
            logger.exception("thread %d could not be published; it is tried again", thread)
            self._failed.add(thread)
            return False
        self._failed.discard(thread)
        return True

    def _write(self, thread: int) -> None:
        with self._alone():
            # Read inside the lock, so that the last to write has seen the newest decision.
            uri = self.storage.execute(sa.select(threads.c.uri).where(threads.c.id == thread)).scalar()
            if uri is None:
                return  # another database has been put in the place of the one that knew it
            rows = self.storage.rows(_listed(thread))
            self._render(rows)
            text = json.dumps(conversation(uri, rows), ensure_ascii=False, indent=1)
            _replace(self.folder / published_name(uri), text.encode() + b"\n")

    def _render(self, rows: list[Row]) -> None:
        """Give each row its html, and keep what had to be made: a long thread takes seconds."""
        version = self.render.version
        new = [row for row in rows if row["state"] == "published" and row["renderer"] != version]
        for row in new:
            row["html"] = self.render(shown(row))
        if kept := [row for row in new if len(row["html"]) <= HTML_CHARACTERS]:
            said = sa.func.coalesce(comments.c.masked, comments.c.text)
            same = (comments.c.id == sa.bindparam("of")) & (said == sa.bindparam("its_text"))
            keep = comments.update().where(same).values(html=sa.bindparam("made"), renderer=version)
            values = [{"of": row["id"], "its_text": shown(row), "made": row["html"]} for row in kept]
            with suppress(StorageBusy):
                self.storage.execute(keep, values)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + PATIENCE_SECONDS
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise TimeoutError("another thread writes and does not end")
        try:
            with (self.folder / ".lock").open("w") as lock:
                _take(lock.fileno(), until)
                yield
        finally:
            self._lock.release()


def _take(lock: int, until: float) -> None:
    """Have a lock file for oneself; TimeoutError where another process, that stands still perhaps, keeps it."""
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError("another process writes and does not end") from None
        time.sleep(0.005)


def _sync(folder: Path) -> None:
    """Have the names of what was written on the disk before anything says that it was."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that already has this content is left alone."""
    with suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
