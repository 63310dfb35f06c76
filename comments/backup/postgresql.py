"""Backup and restore of our schema on a PostgreSQL server, with the server's own programs."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from comments import migrations
from comments.backup.archive import Manifest
from comments.backup.workshop import HOLDING
from comments.databases import WRITERS, PostgreSQL
from comments.moderation import Refused
from comments.storage import BUSY_SECONDS

SCHEMA = "public"
"""The schema whose tables are copied: the one that a database begins with."""


@contextmanager
def snapshot(connection: sa.Connection) -> Iterator[str]:
    """A transaction that sees the database of one moment; gives the name by which pg_dump sees the same."""
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # pg_dump works meanwhile
    try:
        _check_place(connection)
        yield str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
    finally:
        connection.exec_driver_sql("ROLLBACK")


def _check_place(connection: sa.Connection) -> None:
    place = connection.exec_driver_sql("SELECT current_schema()").scalar()
    if place not in (SCHEMA, None):
        raise Refused(f'the tables must be in the schema {SCHEMA} to be backed up or restored, not in "{place}"')


def dump(connection: sa.Connection, name: str, target: Path) -> None:
    """Have pg_dump write our schema as it is in a snapshot; Refused where it can't."""
    target.touch(mode=0o600, exist_ok=False)
    with _run(
        connection, "pg_dump", "--format=custom", f"--schema={SCHEMA}", *PLAIN, f"--snapshot={name}", f"--file={target}"
    ) as job:
        _end(job, "pg_dump")


PLAIN = ("--no-owner", "--no-privileges")


def last_row(dump: Path, connection: sa.Connection) -> tuple[int, str]:
    """Read a dump from end to end; gives the number and the hash of the last row of the ledger in it."""
    found, columns = (0, ""), None
    with _run(connection, "pg_restore", "--data-only", "--file=-", str(dump)) as job:
        assert job.stdout
        for line in job.stdout:
            if line.startswith(b"COPY "):
                is_ledger = line.startswith(b"COPY %s.ledger (" % SCHEMA.encode())
                columns = re.findall(r"\w+", line.decode().split("(")[1].split(")")[0]) if is_ledger else None
            elif line == b"\\.\n":
                columns = None
            elif columns:
                row = dict(zip(columns, line.decode().rstrip("\n").split("\t"), strict=True))
                found = max(found, (int(row["id"]), row.get("hash", "")))
        _end(job, "pg_restore")
    return found


@contextmanager
def taken(database: PostgreSQL, force: bool) -> Iterator[sa.Connection]:
    """Keep all services from writing meanwhile; Refused where there are comments and no `force`."""
    with closing(database.engine.connect()) as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {BUSY_SECONDS * 1000}")
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({WRITERS})")
        try:
            _check_place(connection)
            if not force and _holds_anything(connection):
                told = "the database already holds comments, feedback or accounts"
                raise Refused(f"{told}; --force restores over it and keeps it aside")
            yield connection
        finally:
            connection.invalidate()  # which ends the session, and its lock


def has(connection: sa.Connection, table: str) -> bool:
    """Whether the table is there."""
    query = sa.text("SELECT to_regclass(:name) IS NOT NULL")
    return bool(connection.execute(query, {"name": f"{SCHEMA}.{table}"}).scalar_one())


def _holds_anything(connection: sa.Connection) -> bool:
    queries = [f"SELECT 1 FROM {SCHEMA}.{table} LIMIT 1" for table in HOLDING if has(connection, table)]  # noqa: S608
    return any(connection.exec_driver_sql(query).first() for query in queries)


def put(connection: sa.Connection, dump: Path, manifest: Manifest, moment: str) -> str | None:
    """Put a dump in the place of our schema, in one transaction; gives the name that the old one is kept under.

    Until it is committed others read the old one; if anything stops it, the old one is all there is.
    """
    with _run(connection, "pg_restore", "--list", str(dump)) as job:
        _end(job, "pg_restore")
    _needed(connection, "pg_restore")
    aside = f"before_{moment}" if has(connection, "alembic_version") or has(connection, "comments") else None
    with _run(connection, "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null") as job:
        assert job.stdin
        try:
            job.stdin.write("".join(_before(aside)).encode())
            job.stdin.flush()
            _copy_script(connection, dump, job)
            # Not before the whole script is in: what ends without it is undone by the server.
            job.stdin.write(f"{_as_told(manifest)}COMMIT;\n".encode())
            job.stdin.flush()
        except BrokenPipeError:
            pass  # psql says why
        _end(job, "psql")
    return aside


def _before(aside: str | None) -> list[str]:
    rename = [f"ALTER SCHEMA {SCHEMA} RENAME TO {aside};\n"] if aside else []
    return ["BEGIN;\n", *rename, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA};\n"]


def _copy_script(connection: sa.Connection, dump: Path, job: "subprocess.Popen[bytes]") -> None:
    arguments = ("--file=-", f"--schema={SCHEMA}", *PLAIN, str(dump))
    with _run(connection, "pg_restore", *arguments, output=job.stdin) as script:
        try:
            _end(script, "pg_restore")
        except Refused:
            if job.poll() is None:
                raise
            raise BrokenPipeError from None


def _as_told(manifest: Manifest) -> str:
    """A statement that fails where the restored ledger is another; an older version's may have no hashes."""
    if not manifest.rows or manifest.version != migrations.NEWEST:
        return ""
    ledger = f"{SCHEMA}.ledger"
    head = f"(SELECT hash FROM {ledger} ORDER BY id DESC LIMIT 1)"  # noqa: S608
    last = f"(SELECT max(id) FROM {ledger})"  # noqa: S608
    same = f"{last} = {manifest.rows} AND {head} = '{manifest.head}'"
    wrong = "'its content must be the database that its manifest tells of'"
    return f"DO $$ BEGIN IF ({same}) IS NOT TRUE THEN RAISE EXCEPTION {wrong}; END IF; END $$;\n"


def _run(
    connection: sa.Connection, program: str, *arguments: str, output: int | IO[bytes] | None = subprocess.PIPE
) -> "subprocess.Popen[bytes]":
    """Start a program of the server's, which finds the database by its environment alone: no password is listed."""
    _needed(connection, program)
    _, given = connection.dialect.create_connect_args(connection.engine.url)
    words = {name: str(value) for name, value in given.items() if name not in ("context", "password")}
    to_server = [] if program == "pg_restore" else [f"--dbname={make_conninfo(**words)}"]
    password = {"PGPASSWORD": str(given["password"])} if given.get("password") else {}
    return subprocess.Popen(  # noqa: S603
        [program, *to_server, *arguments],
        stdin=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        env={**os.environ, **password, "LC_ALL": "C"},
    )


def _needed(connection: sa.Connection, program: str) -> None:
    server = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    least = int(server) // 10_000
    mend = f"install postgresql-client-{least} or newer and have it first on PATH"
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise Refused(f"the program {program} must be there: {mend}") from None
    version = re.search(r"\) (\d+)", told)
    if version is None or int(version[1]) < least:
        raise Refused(f"{program} must be of the server's version or newer, not {told.split(')')[-1].strip()}: {mend}")


def _end(job: "subprocess.Popen[bytes]", program: str) -> None:
    _, errors = job.communicate()
    if job.returncode:
        lines = errors.decode(errors="replace").strip().splitlines() or ["it was ended"]
        told = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise Refused(f"{program}: {told}")
