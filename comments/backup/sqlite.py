"""Backup and restore of the SQLite file."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from comments.backup.workshop import HOLDING, to_disk
from comments.databases import alone
from comments.moderation import Refused

PAGES = 1000  # copied between two steps of the progress bar

Steps = Callable[[int, int, int], Any]


def copy(source: Path, target: Path, progress: Steps) -> None:
    """Copy the database while others write to it; `progress` is told (status, pages that remain, of all)."""
    try:
        _copy(source, target, progress)
    except sqlite3.Error as error:
        raise Refused(f"{source}: must be copied to {target.parent}, and can't be ({error})") from None


def _copy(source: Path, target: Path, progress: Steps) -> None:
    with closing(sqlite3.connect(source, isolation_level=None)) as old, closing(_connected(target)) as new:
        # Inside a transaction the copy is of this moment; otherwise each write of others would begin it anew.
        old.execute("BEGIN")
        old.execute("SELECT count(*) FROM sqlite_master").fetchone()
        old.backup(new, pages=PAGES, progress=progress)
        old.execute("ROLLBACK")
        new.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it


def _connected(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")  # a draft: whoever keeps it has it written to the disk
    return connection


def flaw(path: Path) -> str | None:
    """What SQLite finds wrong in a database file, in one line, or None."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else str(found).replace("\n", " ")


@contextmanager
def taken(path: Path, force: bool) -> Iterator[None]:
    """Have the database for oneself; an error where others use it, or where it holds comments without `force`."""
    with alone(path):
        if not force and _holds_anything(path):
            raise Refused(
                f"{path}: already holds comments, feedback or accounts; --force restores over it and keeps it aside"
            )
        yield


def _holds_anything(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            queries = [f"SELECT 1 FROM {table} LIMIT 1" for table in HOLDING if table in known]  # noqa: S608
            return any(connection.execute(query).fetchone() for query in queries)
    except sqlite3.DatabaseError:
        return True  # not readable: somebody will want to know what was in it


def put(draft: Path, path: Path, moment: str) -> str | None:
    """Put a restored file in the place of the database; gives the name that the old one is kept under."""
    to_disk(draft)
    aside = path.with_name(f"{path.name}.before-{moment}")
    kept = path.exists()
    if kept:
        _shut(path)
        # The old one keeps its name beside the new one's, so that a database is in place at every moment.
        for end in ("-wal", ""):
            if path.with_name(path.name + end).exists():
                _keep(path.with_name(path.name + end), aside.with_name(aside.name + end))
        to_disk(path.parent)
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    draft.replace(path)
    to_disk(path.parent)
    return str(aside) if kept else None


def _keep(path: Path, aside: Path) -> None:
    try:
        aside.hardlink_to(path)
    except OSError:  # a file system that knows one name for each file
        path.rename(aside)


def _shut(path: Path) -> None:
    """Bring what is in the log into the file, and remove the log; a file that is not readable stays as it is."""
    try:
        with closing(sqlite3.connect(path, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise Refused(f"{path}: it is in use: stop the service and other commands first") from None
    except sqlite3.DatabaseError:
        pass
