"""One file that holds the whole database: made while the service runs, and put back in its place.

A backup says that it is done when the copy was checked from end to end; a ledger that doesn't fit is
copied all the same, and said to be so, because then it is evidence. A restore keeps the old database aside;
whenever it is interrupted, the old or the new one is in place, whole.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from comments import ledger, migrations
from comments.backup import postgresql, sqlite
from comments.backup.archive import CONTENTS, Manifest, pack, read, unpack
from comments.backup.workshop import to_disk, workshop
from comments.databases import MUST_BE, PostgreSQL, address
from comments.moderation import Refused
from comments.service import Service
from comments.settings import Settings
from comments.storage import Storage
from common.language import translations
from common.machine import obstacle

Bars = Callable[[str, str], AbstractContextManager[Any]]
"""Makes a progress bar (tqdm) that says what is done, and in which unit."""


class _Copy:
    """A database of one moment, as `ledger.verify` reads it."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def rows(self, statement: sa.Executable) -> list[dict[str, Any]]:
        """The rows of a query, each a dict by column name."""
        return [dict(row) for row in self.connection.execute(statement).mappings()]


def backup(parts: Service, file: Path, bars: Bars) -> Manifest:
    """Write the database of this moment to a new file; Refused or OSError, and no file, where it can't be."""
    _check_new(file)
    with workshop(file.with_name(f".{file.name}.new")) as folder:
        _ = parts.words.gettext
        database = parts.storage.database
        make = _of_postgresql if isinstance(database, PostgreSQL) else _of_sqlite
        content, facts = make(parts, folder, bars)
        with bars(_("Packing"), "bytes") as bar:
            manifest = pack(folder / "backup.zip", content, facts, bar.update)
        with bars(_("Reading again"), "bytes") as bar:
            unpack(folder / "backup.zip", manifest, None, bar.update)
        (folder / "backup.zip").chmod(0o600)
        to_disk(folder / "backup.zip")
        _check_new(file)
        (folder / "backup.zip").rename(file)
        to_disk(file.parent)
    return manifest


def _check_new(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise Refused(f"{file}: is there already; give the name of a new file")
    if not file.parent.is_dir():
        raise Refused(f"{file.parent}: must be a folder that can be written to")


def _of_sqlite(parts: Service, folder: Path, bars: Bars) -> tuple[Path, dict[str, Any]]:
    content = folder / CONTENTS["sqlite"]
    with bars(parts.words.gettext("Copying"), "pages") as bar:

        def progress(_status: int, remain: int, of_all: int) -> None:
            bar.total = of_all
            bar.update(of_all - remain - bar.n)

        sqlite.copy(Path(str(parts.storage.engine.url.database)), content, progress)
    if flaw := sqlite.flaw(content):
        raise Refused(f"the copy is not whole, so there is no backup: {flaw}")
    with _opened(content) as connection:
        return content, {"database": "sqlite", **_verified(parts, connection, bars)}


@contextmanager
def _opened(path: Path) -> Iterator[sa.Connection]:
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


def _of_postgresql(parts: Service, folder: Path, bars: Bars) -> tuple[Path, dict[str, Any]]:
    content = folder / CONTENTS["postgresql"]
    with closing(parts.storage.engine.connect()) as connection, postgresql.snapshot(connection) as name:
        postgresql.dump(connection, name, content)
        facts = _verified(parts, connection, bars)
        if postgresql.last_row(content, connection)[0] != facts["rows"]:
            raise Refused("pg_dump must copy the whole ledger, and did not, so there is no backup")
    return content, {"database": "postgresql", **facts}


def _verified(parts: Service, connection: sa.Connection, bars: Bars) -> dict[str, Any]:
    with bars(parts.words.gettext("Verifying"), "rows") as bar:
        copy = cast(Storage, _Copy(connection))
        verdict = ledger.verify(copy, parts.render, bar.update)
    rows, head = _head(copy)
    made = datetime.now(UTC).isoformat(timespec="seconds")
    version = migrations.version(connection)
    return {"made": made, "version": version, "rows": rows, "head": head, "fault": verdict.fault or ""}


def restore(settings: Settings, file: Path, force: bool, bars: Bars) -> dict[str, Any]:
    """Put a backup in the place of the database, and publish what it says; Refused where nothing was changed.

    Answers with the ledger's rows and head and the name that the old database is kept under, if there was one.
    """
    manifest = read(file)
    url = address(settings.database)
    kind = "sqlite" if url.drivername == "sqlite" else "postgresql"
    if manifest.database != kind:
        raise Refused(f"{file}: holds a {manifest.database} database, and this service's is {kind}")
    if manifest.version > migrations.NEWEST:
        version = f"version {manifest.version} of the database, and this one knows {migrations.NEWEST}"
        raise Refused(f"{file}: was made by a newer program ({version}): install that to restore it")
    if why := obstacle(settings.published):  # before anything is put in place of anything
        raise Refused(f"{settings.published}: must be a folder that can be written to ({why})")
    place = settings.data if kind == "postgresql" else Path(str(url.database)).parent
    words = translations(settings.facts.language).gettext
    with workshop(place / ".restore") as folder:
        draft = folder / CONTENTS[kind]

        def open_up() -> None:
            draft.touch(mode=0o600, exist_ok=False)
            with draft.open("wb") as target, bars(words("Unpacking"), "bytes") as bar:
                unpack(file, manifest, target, bar.update)

        put = _into_sqlite if kind == "sqlite" else _into_postgresql
        kept = put(url, manifest, draft, open_up, force)
    with closing(Service(settings)) as parts:
        head = _publish(parts, bars)
    return {"rows": head[0], "head": head[1], "kept": kept}


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y%m%d_%H%M%S_%f")


def _into_sqlite(url: sa.URL, manifest: Manifest, draft: Path, open_up: Callable[[], None], force: bool) -> str | None:
    path = Path(str(url.database))
    with sqlite.taken(path, force):
        open_up()
        if flaw := sqlite.flaw(draft):
            raise Refused(f"the backup must hold a whole database, and does not: {flaw}")
        if not _is_as_told(draft, manifest):
            raise Refused("the backup must hold the database that its manifest tells of")
        return sqlite.put(draft, path, _moment())


def _is_as_told(draft: Path, manifest: Manifest) -> bool:
    """Whether a whole SQLite file, which may be empty or another program's, is the one that was backed up."""
    try:
        with _opened(draft) as connection:
            if migrations.version(connection) != manifest.version:
                return False
            if manifest.version != migrations.NEWEST:  # an older version's ledger may have no hashes
                return True
            return _head(cast(Storage, _Copy(connection))) == (manifest.rows, manifest.head)
    except SQLAlchemyError:
        return False


def _into_postgresql(
    url: sa.URL, manifest: Manifest, draft: Path, open_up: Callable[[], None], force: bool
) -> str | None:
    database = PostgreSQL(url)
    try:
        open_up()
        with postgresql.taken(database, force) as connection:
            return postgresql.put(connection, draft, manifest, _moment())
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Refused(f"{url.render_as_string()}: {MUST_BE} ({why})") from None
    finally:
        database.close()


def _publish(parts: Service, bars: Bars) -> tuple[int, str]:
    """Write published/ anew; gives the ledger's last row, its number and hash."""
    with bars(parts.words.gettext("Publishing"), "threads") as bar:

        def progress(done: int, of_all: int) -> None:
            bar.total = of_all
            bar.update(done - bar.n)

        parts.publisher.publish_all(progress)
    return _head(parts.storage)


def _head(storage: Storage) -> tuple[int, str]:
    last = storage.rows(sa.select(*ledger.HEAD))[0]
    return last["rows"] or 0, last["head"] or ledger.BEGINNING
