"""The database: one request is one transaction, and what follows a commit follows a commit alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from comments.settings import SettingsError
from comments.storage import PATIENT, Storage, StorageBusy, threads


@pytest.fixture
def storage(database):
    """A fresh database, one of both."""
    made = Storage(database)
    yield made
    made.close()


def insert(storage, uri):
    with storage.transaction():
        return storage.execute(threads.insert().values(uri=uri, title="T").returning(threads.c.id)).scalar_one()


def uris(storage):
    return [row["uri"] for row in storage.rows(sa.select(threads.c.uri).order_by(threads.c.id))]


def test_a_transaction_is_kept_whole_or_not_at_all(storage):
    """An error undoes all that came before it."""
    with pytest.raises(ZeroDivisionError), storage.transaction():
        insert(storage, "/ett/")
        insert(storage, f"/{1 / 0}/")
    assert uris(storage) == []


def test_a_transaction_inside_another_joins_it(storage):
    """The outer one decides for both."""
    with pytest.raises(ZeroDivisionError), storage.transaction():
        with storage.transaction():
            insert(storage, "/ett/")
        raise ZeroDivisionError
    assert uris(storage) == []


def test_a_task_waits_for_the_commit(storage):
    """It sees what was written, from outside the transaction."""
    seen = []
    with storage.transaction():
        storage.afterwards(lambda: seen.append(uris(storage)))
        insert(storage, "/ett/")
        assert seen == []
    assert seen == [["/ett/"]]


def test_a_task_of_a_transaction_that_is_undone_is_forgotten(storage):
    """Nothing is published that was not decided."""
    seen = []
    with pytest.raises(ZeroDivisionError), storage.transaction():
        storage.afterwards(lambda: seen.append("publicerat"))
        raise ZeroDivisionError
    with storage.transaction():
        pass
    assert seen == []


def test_an_id_is_not_given_again(storage):
    """Not even when the newest row has been removed by hand."""
    first = insert(storage, "/ett/")
    storage.execute(sa.delete(threads))
    assert insert(storage, "/två/") > first


def test_a_file_is_safe_against_a_crash(tmp_path):
    """WAL, every commit on the disk before it is acknowledged, foreign keys enforced."""
    with closing(Storage(f"sqlite:///{tmp_path}/comments.db")) as storage, storage.engine.connect() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_waiting_for_ones_turn_ends(storage, monkeypatch):
    """While another thread writes for too long, the next is told to try again instead of queueing for ever."""
    monkeypatch.setattr("comments.storage.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("comments.storage.PROMPT_SECONDS", 0.01)
    with storage.transaction(), ThreadPoolExecutor(1) as pool, pytest.raises(StorageBusy):
        pool.submit(insert, storage, "/ett/").result()


def test_not_everybody_waits(storage, monkeypatch):
    """Where others wait already, one is told at once: somebody must be free for those who only read."""
    monkeypatch.setattr("comments.storage.PROMPT_SECONDS", 0)
    for _ in range(PATIENT):
        assert storage._patient.acquire(blocking=False)
    with storage.transaction(), ThreadPoolExecutor(1) as pool, pytest.raises(StorageBusy, match="others wait"):
        pool.submit(insert, storage, "/ett/").result()


def test_no_setting_of_the_server_breaks_the_order(new_postgresql):
    """Each writer sees what the one before it did, also where the server's own isolation is another."""
    url = sa.make_url(new_postgresql())
    with closing(Storage(url)) as storage, storage.engine.connect() as connection:
        for setting in ("default_transaction_isolation = 'repeatable read'", "synchronous_commit = off"):
            connection.exec_driver_sql(f"ALTER DATABASE {url.database} SET {setting}")
    both = [Storage(url), Storage(url)]

    def count_on(storage):
        for _ in range(40):
            with storage.transaction() as connection:
                assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
                last = connection.execute(sa.select(sa.func.count()).select_from(threads)).scalar()
                connection.execute(threads.insert().values(uri=f"/{last}/", title="T"))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(count_on, both))
    assert len(uris(both[0])) == 80
    for storage in both:
        storage.close()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_can_not_hold_all_letters_is_refused(new_postgresql, encoding):
    """At once, and not at the first resident's smiley."""
    url = sa.make_url(new_postgresql())
    server = sa.create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"{url.database}_{encoding.lower()}"
    with server.connect() as connection:
        given = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        connection.exec_driver_sql(f"CREATE DATABASE {name} {given}")
    server.dispose()
    with pytest.raises(SettingsError, match=f"must be a database in UTF8, not {encoding}"):
        Storage(url.set(database=name))


def test_what_was_wiped_leaves_the_log_when_its_reader_has_gone(tmp_path):
    """A backup that reads meanwhile keeps the log as it is; soon afterwards it is emptied."""
    with closing(Storage(f"sqlite:///{tmp_path / 'comments.db'}")) as storage:
        log = tmp_path / "comments.db-wal"
        with storage.engine.connect() as reader:
            reader.exec_driver_sql("BEGIN")
            reader.exec_driver_sql("SELECT * FROM threads").all()
            insert(storage, "/ett-hemligt-ord/")
            storage.tidy()
            assert b"hemligt-ord" in log.read_bytes()
            reader.exec_driver_sql("ROLLBACK")
        storage.tidy()
        assert log.read_bytes() == b""
