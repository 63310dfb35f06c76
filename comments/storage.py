"""Tables and transactions of the comment service (SQLAlchemy Core, SQLite in WAL mode).

One request is one transaction: whatever runs inside `transaction()` shares its connection and
is committed together or not at all. Ids are never reused (AUTOINCREMENT), no row is ever deleted.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from comments.settings import SettingsError

BUSY_SECONDS = 15
OUT_OF_ORDER = ("locked", "full", "disk I/O", "readonly", "unable to open", "not a database", "malformed")
"""What SQLite says of a state that an operator, not a caller, can mend."""

metadata = sa.MetaData()

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("uri", sa.String(500), nullable=False, unique=True),
    sa.Column("title", sa.String(1000), nullable=False),
    sa.Column("stale", sa.Integer, nullable=False, server_default="0", doc="decisions not yet in its published file"),
    sqlite_autoincrement=True,
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tid", sa.ForeignKey("threads.id"), nullable=False),
    sa.Column("parent", sa.ForeignKey("comments.id"), doc="the comment that this one answers"),
    sa.Column("root", sa.ForeignKey("comments.id"), doc="the top of the branch; Isso's clients see it as parent"),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("created", sa.Float, nullable=False, doc="seconds since 1970, UTC"),
    sa.Column("modified", sa.Float),
    sa.Column("author", sa.String(200)),
    sa.Column("email", sa.String(254)),
    sa.Column("website", sa.String(300)),
    sa.Column("text", sa.Text, nullable=False, doc="Markdown, as the writer left it"),
    sa.Column("official", sa.String(200), doc="the office that answers; set by the desk alone"),
    sa.Column("sender", sa.String(64), nullable=False, doc="keyed hash of the network address"),
    sa.Column("token", sa.String(64), unique=True, doc="SHA-256 of the status link's secret"),
    sa.Column("likes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("dislikes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("voters", sa.LargeBinary, nullable=False, server_default=""),
    sa.Column("notification", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("state IN ('pending', 'published', 'declined', 'hidden')", name="known_state"),
    sa.Index("comments_by_thread", "tid", "state", "created"),
    sa.Index("comments_by_state", "state", "created"),
    sa.Index("comments_by_sender", "sender", "created"),
    sa.Index("comments_by_root", "root"),
    sqlite_autoincrement=True,
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200), nullable=False, doc="the office shown with official answers"),
    sa.Column("sign_outs", sa.Integer, nullable=False, server_default="0", doc="ends every session begun before"),
    sqlite_autoincrement=True,
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True, doc="SHA-256 of the link's secret"),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("used", sa.Float),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False, doc="seconds since 1970, UTC"),
    sa.Column("who", sa.String(254), nullable=False),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("note", sa.Text),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sqlite_autoincrement=True,
)

APPEND_ONLY = [
    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} rows are kept as they are'); END"
    for table, verb in (("ledger", "update"), ("ledger", "delete"), ("comments", "delete"))
]


_below = comments.alias("below")

visible = (comments.c.state == "published") | sa.exists().where(
    _below.c.root == sa.func.coalesce(comments.c.root, comments.c.id),
    (_below.c.parent == comments.c.id) | (_below.c.root == comments.c.id),
    _below.c.state == "published",
)
"""Which comments have a place in the conversation: published ones, and what they stand under, shown as a blank."""


class StorageBusy(Exception):
    """The database can't be used right now (locked, full, damaged); nothing was stored, try again."""


class Storage:
    """The database, and the transaction that the running request is in."""

    def __init__(self, path: Path) -> None:
        self.engine = _engine(_private(path))
        self._writing = threading.Lock()
        self._connection: ContextVar[sa.Connection | None] = ContextVar("connection", default=None)
        self._afterwards: ContextVar[list[Callable[[], None]]] = ContextVar("afterwards")
        try:
            self._prepare()
        except StorageBusy as error:
            self.close()
            raise SettingsError(f"{path}: must be a database that can be read and written ({error})") from None

    def _prepare(self) -> None:
        with self.transaction() as connection:
            metadata.create_all(connection)
            for statement in APPEND_ONLY:
                connection.exec_driver_sql(statement)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One write transaction; inside another it joins that one. StorageBusy when none can be had."""
        outer = self._connection.get()
        if outer is not None:
            yield outer
            return
        tasks: list[Callable[[], None]] = []
        with self._turn() as patience, _busy_as_storage_busy(), self.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            marks = self._connection.set(connection), self._afterwards.set(tasks)
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself; asking again is then an error of its own.
                with suppress(DBAPIError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            finally:
                self._connection.reset(marks[0])
                self._afterwards.reset(marks[1])
        for task in tasks:
            task()

    @contextmanager
    def _turn(self) -> Iterator[int]:
        """This process's turn to write; gives the milliseconds left to wait for other processes.

        Whoever waits behind a locked database waits as long as the first, not that much longer each.
        """
        start = time.monotonic()
        if not self._writing.acquire(timeout=BUSY_SECONDS):
            raise StorageBusy("locked")
        try:
            yield max(1, int(1000 * (BUSY_SECONDS - time.monotonic() + start)))
        finally:
            self._writing.release()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def afterwards(self, task: Callable[[], None]) -> None:
        """Run `task` once the running transaction is committed, and never if it is undone."""
        self._afterwards.get().append(task)

    def execute(self, statement: sa.Executable, values: Any = None) -> sa.CursorResult[Any]:
        """Run a statement in the running transaction, or on its own where there is none."""
        connection = self._connection.get()
        if connection is not None:
            return connection.execute(statement, values)
        if statement.is_select:
            return self._read(statement, values)
        with self.transaction() as connection:
            return connection.execute(statement, values)

    def _read(self, statement: sa.Executable, values: Any) -> sa.CursorResult[Any]:
        with _busy_as_storage_busy(), self.engine.connect() as connection:
            return connection.execute(statement, values).freeze()()  # type: ignore[return-value]

    def rows(self, statement: sa.Executable) -> list[dict[str, Any]]:
        """The rows of a query, each a dict by column name."""
        return [dict(row) for row in self.execute(statement).mappings()]

    def row(self, statement: sa.Executable) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        found = self.rows(statement)
        return found[0] if found else None


def _private(path: Path) -> Path:
    """The file, made readable by its owner alone where it is new: it holds what is not published."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise SettingsError(f"{path}: must be a database that can be read and written ({error.strerror})") from None
    return path


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        f"sqlite:///{path}",
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=16,
        max_overflow=16,
    )
    event.listen(engine, "connect", _prepare_connection)
    return engine


def _prepare_connection(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _busy_as_storage_busy() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        message = str(error.orig)
        if any(sign in message for sign in OUT_OF_ORDER):
            raise StorageBusy(message) from error
        raise
