"""What the two databases do differently: SQLite, embedded and the default, and PostgreSQL.

On both, writing is one at a time over all threads and processes, so that a ledger row can follow the one
before it and a limit that was counted still holds when the row is in.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from comments.settings import SettingsError

logger = logging.getLogger(__name__)

WRITERS = 0x6F726465742066  # PostgreSQL's advisory lock that whoever writes holds until its commit
FORGET_SECONDS = 5
READER_MILLISECONDS = 3000
"""For so long a page waits for one who has locked a whole table of the server's."""
HUNG_SECONDS = 60
"""A process that stops in the middle of a transaction loses it after this, or nobody else could write."""

OUT_OF_ORDER = ("locked", "full", "disk I/O", "readonly", "unable to open", "not a database", "malformed", "no such")
"""What SQLite says of a state that an operator, not a caller, can mend."""

SILENCE = {"keepalives_idle": 6, "keepalives_interval": 3, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""A server that says nothing, as behind a network that was cut, is taken for gone after 15 s (libpq's settings)."""

MUST_BE = "must be a database that can be read and written"


class Database(Protocol):
    """One of the two."""

    engine: sa.Engine

    def begin(self, connection: sa.Connection, patience_milliseconds: int) -> None:
        """Begin to write, as the only one; an error that `is_busy` knows where the others take too long."""

    def is_busy(self, error: Exception) -> bool:
        """Whether an error says that the database can't be used now, and may be later."""

    def is_away(self, error: Exception) -> bool:
        """Whether it says that the server was not there, so that nothing asked of it has been done."""

    def commit(self, connection: sa.Connection) -> None:
        """End the transaction with everything on the disk; an error where it is not."""

    def forget(self) -> None:
        """Have nothing on the disk of what was deleted, as far as the database can do that."""

    def tidy(self) -> None:
        """What `forget` could not do then, without making anybody wait."""

    def check_fit(self, connection: sa.Connection) -> None:
        """SettingsError where the database can't hold what people write."""

    def unbind(self, connection: sa.Connection) -> None:
        """Before a migration: let rows point at what is not there for a while."""

    def check_bonds(self, connection: sa.Connection) -> None:
        """After a migration: an error where a row points at one that is not there."""

    def close(self) -> None:
        """Close every connection that is not in use, and let a restore have the database."""


def database(url: str | sa.URL) -> Database:
    """The database at an address, sqlite:///… or postgresql://…; SettingsError where it is none."""
    checked = address(url)
    return SQLite(Path(str(checked.database))) if checked.drivername == "sqlite" else PostgreSQL(checked)


def address(url: str | sa.URL) -> sa.URL:
    """An address with the name of its driver; SettingsError where it is none of a database that we know."""
    try:
        parsed = sa.make_url(url)
    except ArgumentError:
        raise SettingsError("DATABASE_URL must be like postgresql://user:password@host/name") from None
    if parsed.drivername == "sqlite" and parsed.database:
        return parsed
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise SettingsError(
        f'DATABASE_URL must be like postgresql://user:password@host/name, not "{parsed.render_as_string()}"'
    )


class SQLite:
    """One file, in WAL mode; a commit is on the disk before it is acknowledged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._used: int | None = _hold(path, fcntl.LOCK_SH)
        self.engine = sa.create_engine(
            sa.URL.create("sqlite", database=str(_private(path))),
            isolation_level="AUTOCOMMIT",
            connect_args={"check_same_thread": False},
            pool_size=16,
            max_overflow=16,
        )
        event.listen(self.engine, "connect", _prepare)

    def begin(self, connection: sa.Connection, patience_milliseconds: int) -> None:
        """BEGIN IMMEDIATE: the lock for writing is taken before anything is read."""
        self._wait(connection, -(-patience_milliseconds // 1000))
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _wait(self, connection: sa.Connection, seconds: int) -> None:
        """How long this connection waits for others; in whole seconds it is mostly the same, and said already."""
        if connection.info.get("patience") != seconds:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {seconds * 1000}")
            connection.info["patience"] = seconds

    def is_busy(self, error: Exception) -> bool:
        """Locked, full, damaged."""
        if isinstance(error, DBAPIError):
            return any(sign in str(error.orig) for sign in OUT_OF_ORDER)
        return isinstance(error, PoolTimeout)

    def is_away(self, error: Exception) -> bool:
        """Never: it is a file."""
        return False

    def commit(self, connection: sa.Connection) -> None:
        """COMMIT, with the file's log flushed to the disk."""
        connection.exec_driver_sql("COMMIT")

    def forget(self) -> None:
        """Empty the log of changes; what is deleted from the file itself is overwritten there (secure_delete)."""
        why = self._empty_log(FORGET_SECONDS)
        if why:
            logger.warning("%s-wal: holds wiped words until the service has emptied it (%s)", self.path, why)

    def tidy(self) -> None:
        """Empty the log of changes where nobody is in the middle of something."""
        with suppress(FileNotFoundError):
            if self.path.with_name(f"{self.path.name}-wal").stat().st_size:
                self._empty_log(0)

    def _empty_log(self, patience_seconds: int) -> str | None:
        """Why it could not be done, or None. What was wiped is wiped either way: an error undoes nothing."""
        try:
            with self.engine.connect() as connection:
                self._wait(connection, patience_seconds)
                busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
                return "somebody reads it" if busy else None
        except SQLAlchemyError as error:
            return str(getattr(error, "orig", error))

    def check_fit(self, connection: sa.Connection) -> None:
        """Nothing: its text is always Unicode."""

    def unbind(self, connection: sa.Connection) -> None:
        """Before a migration: tables are rebuilt by dropping the old one, which other tables point at."""
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")

    def check_bonds(self, connection: sa.Connection) -> None:
        """After a migration: every row that points at another finds it; an error otherwise."""
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise SettingsError(f"{self.path}: the migration must keep all rows together, not lose one of {broken[0]}")

    def close(self) -> None:
        """Close the file, and let a restore have it."""
        self.engine.dispose()
        if self._used is not None:
            os.close(self._used)
            self._used = None


class PostgreSQL:
    """A server, which several processes on several machines may share."""

    def __init__(self, url: sa.URL) -> None:
        self.url = url
        self.engine = sa.create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": 5,
                "application_name": "ordet-fritt",
                "client_encoding": "utf8",
                **SILENCE,
            },
            pool_size=8,
            max_overflow=8,
        )
        event.listen(self.engine, "connect", _prepare_session)

    def begin(self, connection: sa.Connection, patience_milliseconds: int) -> None:
        """BEGIN, and wait for one's turn among all processes."""
        # Whatever the server's own setting is: each statement must see what the one before it waited for.
        connection.exec_driver_sql(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
            f"SET LOCAL lock_timeout = {patience_milliseconds}; SELECT pg_advisory_xact_lock({WRITERS})"
        )

    def is_busy(self, error: Exception) -> bool:
        """Waited too long, disk full, shutting down, cut off."""
        # Pending: somebody went on in a transaction whose connection had been cut off.
        if isinstance(error, OperationalError | InterfaceError | PoolTimeout | PendingRollbackError):
            return True
        # A standby, which only reads; a transaction that stood still for longer than it may.
        return isinstance(error, DBAPIError) and _state(error) in ("25006", "25P03")

    def is_away(self, error: Exception) -> bool:
        """Refused, starting up, shutting down, cut off; not: waited too long, disk full."""
        # 57P: shutting down or starting up; 08: connection lost; none: never connected.
        return isinstance(error, OperationalError) and (_state(error) or "08").startswith(("57P", "08"))

    def commit(self, connection: sa.Connection) -> None:
        """COMMIT; after an error that somebody swallowed the server would quietly take it for ROLLBACK."""
        raw: Any = connection.connection.dbapi_connection
        if raw.info.transaction_status.name == "INERROR":
            raise RuntimeError("the transaction must be undone, because a statement in it failed")
        connection.exec_driver_sql("COMMIT")

    def forget(self) -> None:
        """Nothing: dead rows stay in the server's files until its VACUUM, which it runs by itself."""

    def tidy(self) -> None:
        """Nothing: see `forget`."""

    def check_fit(self, connection: sa.Connection) -> None:
        """SettingsError where its encoding is not UTF-8."""
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise SettingsError(f"{self.url.render_as_string()}: must be a database in UTF8, not {encoding}")

    def unbind(self, connection: sa.Connection) -> None:
        """Nothing: tables are altered where they stand."""

    def check_bonds(self, connection: sa.Connection) -> None:
        """Nothing: the server has checked each statement."""

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Be the only one at a SQLite database; SettingsError while a service or a command uses it."""
    lock = _hold(path, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def _hold(path: Path, how: int) -> int:
    """The open lock file beside a SQLite database: shared by all who use it; a crash lets go of it, too."""
    try:
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise SettingsError(f"{path}: {MUST_BE} ({error.strerror})") from None
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        why = "it is being restored: try again when that is done"
        if how == fcntl.LOCK_EX:
            why = "it is in use: stop the service and other commands first"
        raise SettingsError(f"{path}: {why}") from None
    return lock


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _private(path: Path) -> Path:
    """The file, made readable by its owner alone where it is new: it holds what is not published."""
    try:
        # Never opened where it is there: closing it would end the locks that SQLite has on it in this process.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"{path}: {MUST_BE} ({error.strerror})") from None
    return path


CACHE = "cache_size=-512"
"""In KiB, for each of sixteen connections at most: the system keeps the file's pages for all of them."""


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # secure_delete: what is disposed of is overwritten, not only forgotten.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", CACHE):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_session(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    # A server may be set to acknowledge what is not on its disk.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.execute(f"SET lock_timeout = {READER_MILLISECONDS}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {HUNG_SECONDS * 1000}")
