"""Tables and transactions of the comment service (SQLAlchemy Core, on SQLite or PostgreSQL).

One request is one transaction: whatever runs inside `transaction()` shares its connection and
is committed together or not at all. Ids are never reused, no comment and no ledger row is ever deleted.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from comments import migrations
from comments.databases import MUST_BE, database
from comments.settings import SettingsError

BUSY_SECONDS = 15
HTML_CHARACTERS = 400_000
"""No text as long as can be renders to more, but one that repeats a long address by its label; see publish.py."""

AGAIN_SECONDS = 0.2
"""Pause before a database server that does not answer is asked again."""

PROMPT_SECONDS = 2
PATIENT = 12
"""So many threads wait for a database that is locked or away; the others tell their people at once to try again
in a while, so that whoever only reads a page is answered."""

Answer = TypeVar("Answer")

metadata = sa.MetaData(naming_convention={"ck": "%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts on by itself in INTEGER alone


def _words(name: str, most: int, **more: Any) -> sa.Column[str]:
    """A column of text with its limit in characters, which SQLite enforces by a check alone."""
    limit = sa.CheckConstraint(f"length({name}) <= {most}", name=f"{name}_length")
    return sa.Column(name, sa.String(most), limit, **more)


def _one_of(name: str, values: tuple[str, ...], **more: Any) -> sa.Column[str]:
    """A column that holds one of some words."""
    known = ", ".join(f"'{value}'" for value in values)
    check = sa.CheckConstraint(f"{name} IN ({known})", name=f"known_{name}")
    return sa.Column(name, sa.String(12), check, nullable=False, info={"values": values}, **more)


threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("uri", 500, nullable=False, unique=True),
    _words("title", 1000, nullable=False),
    sqlite_autoincrement=True,
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tid", sa.ForeignKey("threads.id"), nullable=False),
    sa.Column("parent", sa.ForeignKey("comments.id"), doc="the comment that this one answers"),
    sa.Column("root", sa.ForeignKey("comments.id"), doc="the top of the branch; Isso's clients see it as parent"),
    _one_of("state", ("pending", "published", "declined", "hidden", "disposed")),
    sa.Column("created", sa.Float(53), nullable=False, doc="seconds since 1970, UTC"),
    sa.Column("modified", sa.Float(53)),
    _words("author", 200),
    _words("email", 254),
    _words("website", 300),
    _words("text", 65_535, nullable=False, doc="Markdown, as the writer left it"),
    _words("official", 200, doc="the office that answers; set by the desk alone"),
    _words("sender", 64, nullable=False, doc="keyed hash of the network address"),
    _words("token", 64, unique=True, doc="SHA-256 of the status link's secret"),
    sa.Column("likes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("dislikes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("voters", sa.LargeBinary, nullable=False, server_default=""),
    sa.Column("notification", sa.Integer, nullable=False, server_default="0"),
    _words("source", 100, unique=True, doc="where an adopted comment comes from"),
    sa.Column(
        "html",
        sa.Text,
        doc="the text as it is shown, kept because rendering takes long; None where it is too long to keep",
        info={"most": HTML_CHARACTERS},
    ),
    # SQLite can't add a check where a column stands, without copying all comments: there, triggers do it.
    sa.CheckConstraint(f"length(html) <= {HTML_CHARACTERS}", name="html_length").ddl_if(dialect="postgresql"),
    _words("renderer", 80, doc="what made the html; another version makes it anew"),
    _words("masked", 70_000, doc="the text without the personal details that a moderator masked; None if none were"),
    _words("fingerprint", 64, doc="SHA-256 of the text without blanks, signs and case: finds it said again"),
    sa.Column("asks", sa.Integer, nullable=False, server_default="0", doc="1: a question without official answer"),
    sa.Index("comments_by_thread", "tid", "state"),
    sa.Index("comments_by_state", "state", "id"),
    sa.Index("comments_by_sender", "sender", "created"),
    sa.Index("comments_by_root", "root", "state"),
    sa.Index("comments_by_parent", "parent", "state"),
    sqlite_autoincrement=True,
)
sa.Index("comments_by_email", sa.func.lower(comments.c.email), comments.c.id)
# Without those from before there were marks: or the planner, who sees that they are all alike, reads all comments.
_marked = comments.c.fingerprint.is_not(None)
sa.Index("comments_by_fingerprint", comments.c.fingerprint, sqlite_where=_marked, postgresql_where=_marked)
_asks = comments.c.asks == sa.text("1")
sa.Index("comments_asking", comments.c.state, comments.c.id, sqlite_where=_asks, postgresql_where=_asks)

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _words("author", 200),
    _words("email", 254),
    _words("website", 300),
    _words("text", 65_535, nullable=False),
    _words("official", 200),
    _words("masked", 70_000),
    _words("salt", 32, nullable=False, doc="so that nobody finds a wiped name or address by trying digests"),
    sqlite_autoincrement=True,
)
"""What a comment said, each time it was written or changed; wiped when the comment is disposed of."""

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("email", 254, nullable=False, unique=True),
    _words("name", 200, nullable=False),
    _words("title", 200, nullable=False, doc="the office shown with official answers"),
    _one_of("role", ("moderator", "author", "admin"), server_default="moderator"),
    _words("password", 200, doc="argon2id; None where there is none"),
    _words("totp", 300, doc="the secret of the second factor, sealed with our key; None where there is none"),
    sa.Column("totp_step", sa.BigInteger, doc="the last step of 30 s whose code was used; none works twice"),
    _words("subject", 500, doc="issuer and subject of the OpenID Connect account that signs in as this one"),
    _one_of("notices", ("hourly", "at_once", "never"), server_default="hourly"),
    sa.Column("closed", sa.Float(53), doc="when the account was closed; what it decided stays signed by it"),
    sa.Index("accounts_by_subject", "subject", unique=True),
    sqlite_autoincrement=True,
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    _words("token", 64, primary_key=True, doc="SHA-256 of the link's secret"),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("expires", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53)),
    _one_of("purpose", ("terminal", "invitation", "password"), server_default="terminal"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("token", 64, nullable=False, unique=True, doc="SHA-256 of what the cookie holds"),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("seen", sa.Float(53), nullable=False),
    _words("how", 40, nullable=False, doc="what the sign-in was by"),
    _words("agent", 300, nullable=False, doc="the browser, as it calls itself"),
    sqlite_autoincrement=True,
)

passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    _words("credential", 1400, nullable=False, unique=True, doc="base64url"),
    sa.Column("key", sa.LargeBinary, nullable=False, doc="COSE public key"),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    _words("name", 100, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53)),
    sqlite_autoincrement=True,
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    _words("code", 64, nullable=False, doc="keyed hash"),
    sa.Column("used", sa.Float(53)),
    sqlite_autoincrement=True,
)

challenges = sa.Table(
    "challenges",
    metadata,
    _words("token", 64, primary_key=True, doc="SHA-256 of what the browser holds"),
    sa.Column("account", sa.ForeignKey("accounts.id")),
    _words("purpose", 20, nullable=False),
    _words("value", 500, nullable=False),
    sa.Column("expires", sa.Float(53), nullable=False),
)
"""What a sign-in has begun and not ended: taken out when it is used, so that nothing works twice."""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("key", 64, nullable=False, doc="keyed hash of whose attempts are counted together"),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Index("attempts_by_key", "key", "at"),
    sqlite_autoincrement=True,
)

account_log = sa.Table(
    "account_log",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("at", sa.Float(53), nullable=False),
    _words("who", 254, nullable=False),
    _words("what", 40, nullable=False),
    _words("note", 500),
    sqlite_autoincrement=True,
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    _one_of("state", ("draft", "proposed"), server_default="draft"),
    _words("name", 200, nullable=False),
    _words("office", 200, nullable=False),
    _words("text", 10_000, nullable=False),
    sa.Column("updated", sa.Float(53), nullable=False),
    sa.Index("drafts_by_comment", "comment", "account", unique=True),
    sqlite_autoincrement=True,
)
"""Official answers that are not published yet, one for each moderator and comment."""

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _one_of("state", ("open", "upheld", "dismissed"), server_default="open"),
    _words("reason", 40, nullable=False),
    _words("words", 2000, nullable=False),
    _words("email", 254),
    _words("sender", 64, nullable=False),
    _words("token", 64, nullable=False, unique=True, doc="SHA-256 of the secret of the reporter's own page"),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("decided", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000, doc="what the reporter is told"),
    sa.Index("reports_by_state", "state", "id"),
    sa.Index("reports_by_sender", "sender", "created"),
    sqlite_autoincrement=True,
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _one_of("state", ("open", "changed", "upheld"), server_default="open"),
    _words("words", 2000, nullable=False, doc="why the writer asks"),
    _words("first", 254, nullable=False, doc="who took the decision that is asked about, and may not take this one"),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("decided", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000),
    sa.Index("reviews_by_state", "state", "id"),
    sqlite_autoincrement=True,
)
"""Writers' requests that another moderator look at a decision again."""

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _one_of("state", ("open", "handled"), server_default="open"),
    _words("words", 5000, nullable=False),
    _words("page", 500),
    _words("contact", 254, doc="how to reach whoever wrote it"),
    _words("sender", 64, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("handled", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000, doc="what was done"),
    sa.Index("feedback_by_state", "state", "id"),
    sa.Index("feedback_by_sender", "sender", "created"),
    sqlite_autoincrement=True,
)
"""What people tell of the site's accessibility; kept as it was said, and handled once."""

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _words("email", 254, nullable=False),
    _words("token", 64, nullable=False, unique=True, doc="SHA-256 of the secret that confirms and ends it"),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("confirmed", sa.Float(53)),
    sa.Column("ended", sa.Float(53)),
    sqlite_autoincrement=True,
)
"""Who gets mail about a comment: its writer, where the box was ticked."""

closures = sa.Table(
    "closures",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("thread", sa.ForeignKey("threads.id"), index=True, doc="None: all letters"),
    _one_of("kind", ("closed", "open"), server_default="closed"),
    sa.Column("starts", sa.Float(53), nullable=False),
    sa.Column("ends", sa.Float(53), doc="None: until somebody opens it"),
    _words("notice", 500, nullable=False, doc="what readers are told"),
    _words("who", 254, nullable=False),
    sa.Column("lifted", sa.Float(53), doc="when it was taken back"),
    _words("lifted_by", 254),
    sqlite_autoincrement=True,
)
"""When letters take no comments; "open": one that takes some although its time is over."""

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("comment", sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    _words("month", 7, nullable=False, doc="2026-11, of the arrival in the organisation's own time"),
    sa.Column("decided", sa.Float(53), doc="when the first decision was taken"),
    sa.Column("hours", sa.Float(53), doc="working hours from arrival to the first decision"),
    _words("outcome", 12, doc="the state that the newest decision led to"),
    _words("reason", 40),
    sa.Column("answered", sa.Float(53), doc="when the organisation first answered"),
    sa.Index("outcomes_by_month", "month", "outcome", "reason", "answered"),
    sa.Index("outcomes_by_hours", "month", "hours"),
    sa.Index("outcomes_by_decided", "decided", "hours"),
)
"""What the statistics count: made from the ledger, and made anew from it when lost."""

positions = sa.Table(
    "positions",
    metadata,
    _words("name", 40, primary_key=True),
    sa.Column("row", sa.BigInteger, nullable=False, doc="the last row of the ledger that was read"),
)
"""How far what is made from the ledger has read it."""

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False, doc="1, 2, 3 … without a gap"),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    sa.Column("at", sa.Float(53), nullable=False, doc="seconds since 1970, UTC, by this machine's clock"),
    _words("who", 254, nullable=False),
    _words("what", 20, nullable=False),
    _words("reason", 40),
    _words("note", 10_000),
    _words("before", 12, doc="the comment's state before"),
    _words("after", 12, nullable=False, doc="and after"),
    sa.Column("edition", Id, doc="what the comment said from then on; the row may be gone, its digest is not"),
    _words("digest", 64, doc="SHA-256 of that edition"),
    _words("hash", 64, nullable=False, doc="SHA-256 of this row and the hash before it"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("kind", 40, nullable=False),
    _words("recipient", 254, nullable=False),
    _words("subject", 300, nullable=False),
    _words("body", 65_535, nullable=False, doc="plain text"),
    _words("html", 100_000, doc="the same as HTML"),
    _words("unsubscribe", 500, doc="the address that ends such mails by one POST (RFC 8058)"),
    sa.Column("comment", sa.ForeignKey("comments.id"), index=True, doc="what it is about, if a comment"),
    _words("message_id", 200, nullable=False, unique=True, doc="the same at every attempt"),
    _one_of("state", ("waiting", "sent", "failed", "closed")),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("due", sa.Float(53), nullable=False, doc="when it is tried next; while one tries, when another may"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.Float(53), doc="when it was sent or given up"),
    _words("error", 500, doc="what the last attempt met"),
    sa.Index("outbox_by_state", "state", "due"),
    sqlite_autoincrement=True,
)


def visible(thread: Any) -> sa.ColumnElement[bool]:
    """Which comments of a thread (its number, or a query for it) have a place in the conversation.

    Published ones, and what they stand under, shown as a blank. All are of that thread: the database reads its
    published comments once, and no other thread's.
    """
    below = comments.alias("below")
    shown = sa.select(below).where(below.c.tid == thread, below.c.state == "published")
    above = (
        comments.c.id.in_(shown.with_only_columns(column).where(column.is_not(None)))
        for column in (below.c.parent, below.c.root)
    )
    return (comments.c.tid == thread) & sa.or_(comments.c.state == "published", *above)


class StorageBusy(Exception):
    """The database can't be used right now (locked, full, away); nothing was stored, try again."""


class Storage:
    """The database, and the transaction that the running request is in."""

    def __init__(self, url: str | sa.URL) -> None:
        self.database = database(url)
        self.engine = self.database.engine
        self._writing = threading.Lock()
        self._patient = threading.BoundedSemaphore(PATIENT)
        self._connection: ContextVar[sa.Connection | None] = ContextVar("connection", default=None)
        self._afterwards: ContextVar[list[Callable[[], None]]] = ContextVar("afterwards")
        try:
            self._migrate()
        except StorageBusy as error:
            self.close()
            where = self.engine.url.render_as_string()
            raise SettingsError(f"{where}: {MUST_BE} ({error})") from None
        except SettingsError:
            self.close()
            raise

    def _migrate(self) -> None:
        with self._busy_as_storage_busy():
            # Asked without waiting for whoever writes.
            if self._patiently(self._is_up_to_date, time.monotonic() + BUSY_SECONDS):
                return
        with self._turn() as until, self._busy_as_storage_busy(), self._begun(until, migrating=True) as connection:
            try:
                if migrations.upgrade(connection):
                    self.database.check_bonds(connection)
                self.database.commit(connection)
            finally:
                connection.invalidate()  # it is not set up as the others are

    def _is_up_to_date(self) -> bool:
        with self.engine.connect() as connection:
            self.database.check_fit(connection)
            return migrations.is_newest(connection)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One write transaction; inside another it joins that one. StorageBusy when none can be had."""
        outer = self._connection.get()
        if outer is not None:
            yield outer
            return
        tasks: list[Callable[[], None]] = []
        with self._turn() as until, self._busy_as_storage_busy(), self._begun(until) as connection:
            marks = self._connection.set(connection), self._afterwards.set(tasks)
            try:
                yield connection
                self.database.commit(connection)
            except BaseException:
                # A full disk makes SQLite roll back by itself, and a connection that was cut off has nothing
                # to undo: asking again is then an error of its own, and not the one to tell.
                with suppress(SQLAlchemyError):
                    connection.exec_driver_sql("ROLLBACK")
                raise
            finally:
                self._connection.reset(marks[0])
                self._afterwards.reset(marks[1])
        for task in tasks:
            task()

    @contextmanager
    def _turn(self) -> Iterator[float]:
        """This process's turn to write; gives the time (monotonic) until which to wait for other processes.

        Whoever waits behind a locked database waits as long as the first, not that much longer each.
        """
        until = time.monotonic() + BUSY_SECONDS
        if not self._writing.acquire(timeout=PROMPT_SECONDS):
            with self._patience():
                if not self._writing.acquire(timeout=BUSY_SECONDS - PROMPT_SECONDS):
                    raise StorageBusy("locked")
        try:
            yield until
        finally:
            self._writing.release()

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """A place among those who wait; StorageBusy where there is none left."""
        if not self._patient.acquire(blocking=False):
            raise StorageBusy("others wait for it already")
        try:
            yield
        finally:
            self._patient.release()

    @contextmanager
    def _begun(self, until: float, migrating: bool = False) -> Iterator[sa.Connection]:
        """A connection that has begun to write; a server that is away is waited for."""

        def begin() -> sa.Connection:
            connection = self.engine.connect()
            try:
                if migrating:
                    self.database.unbind(connection)
                self.database.begin(connection, max(1, int(1000 * (until - time.monotonic()))))
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
            return connection

        with self._patiently(begin, until) as connection:
            yield connection

    def _patiently(self, ask: Callable[[], Answer], until: float) -> Answer:
        """The answer to a question that may be asked again; a server that is away is waited for."""
        try:
            return ask()
        except DBAPIError as error:
            if not self.database.is_away(error):
                raise
        with self._patience():
            while True:
                try:
                    return ask()
                except DBAPIError as error:
                    if not self.database.is_away(error) or time.monotonic() > until:
                        raise
                    time.sleep(AGAIN_SECONDS)

    def close(self) -> None:
        """Close every connection that is not in use, and let a restore have the database."""
        self.database.close()

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
            answer = connection.execute(statement, values)
            return answer.freeze()() if answer.returns_rows else answer  # type: ignore[return-value]

    def forget(self) -> None:
        """Once the running transaction is committed, have what it wiped gone from the disk as well."""
        self.afterwards(lambda: self.database.forget())

    def tidy(self) -> None:
        """Now and then: what no longer counts, and could not be taken off the disk when it was wiped."""
        self.database.tidy()

    def _read(self, statement: sa.Executable, values: Any) -> sa.CursorResult[Any]:
        def ask() -> sa.CursorResult[Any]:
            with self.engine.connect() as connection:
                return connection.execute(statement, values).freeze()()  # type: ignore[return-value]

        with self._busy_as_storage_busy():
            return self._patiently(ask, time.monotonic() + BUSY_SECONDS)

    def check(self) -> None:
        """StorageBusy where the database does not answer now: whoever watches over it must not have to wait."""
        with self._busy_as_storage_busy():
            self._patiently(self._ask_anything, time.monotonic())

    def _ask_anything(self) -> None:
        with self.engine.connect() as connection:
            connection.execute(sa.select(sa.func.max(ledger.c.id)))

    def rows(self, statement: sa.Executable, values: Any = None) -> list[dict[str, Any]]:
        """The rows of a query, each a dict by column name; `values` fill its parameters."""
        return [dict(row) for row in self.execute(statement, values).mappings()]

    def row(self, statement: sa.Executable) -> dict[str, Any] | None:
        """The first row of a query, or None."""
        found = self.rows(statement)
        return found[0] if found else None

    @contextmanager
    def _busy_as_storage_busy(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            if self.database.is_busy(error):
                raise StorageBusy(str(getattr(error, "orig", error)).strip()) from error
            raise
