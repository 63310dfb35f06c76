"""The database: one request is one transaction, and what follows a commit follows a commit alone."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
import sqlalchemy as sa

from comments.storage import Storage, StorageBusy, threads


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
    with storage.transaction(), ThreadPoolExecutor(1) as pool, pytest.raises(StorageBusy):
        pool.submit(insert, storage, "/ett/").result()
