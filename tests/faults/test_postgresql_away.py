"""The PostgreSQL server restarts, goes away, cuts connections off in the middle of a transaction."""

from contextlib import suppress

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from comments.storage import StorageBusy, threads
from tests.conftest import _administer, running_postgresql
from tests.faults.load import Load, check_all_is_there, check_approved, posting, published_ids
from tests.faults.serving import Moderator, Visitor, wait_until

CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ordet-fritt'"
CUTS = 30


@pytest.fixture(scope="module")
def server():
    """A server of these tests' own, as durable as it is out of the box."""
    own = running_postgresql()
    with own:
        yield own


@pytest.fixture
def database(server, monkeypatch):
    """An empty database on it."""
    _administer(server.url("template1"), "DROP DATABASE IF EXISTS faults WITH (FORCE)", "CREATE DATABASE faults")
    monkeypatch.setenv("DATABASE_URL", server.url("faults"))
    return server.url("faults")


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_under_load_is_waited_for(server, start, storage, mode):
    """Two processes, eight clients: a receipt or "try again", and the service needs no restart of its own."""
    services = [start(), start()]
    ports = [service.port for service in services]
    with posting(ports) as load:
        load.wait_for(40)
        server.stop(mode)
        server.start()
        load.wait_for(40)
    assert load.errors == []
    load.send_again(ports[0])
    check_all_is_there(storage, load)


def test_a_connection_cut_off_in_the_middle_loses_and_doubles_nothing(start, storage, database):
    """Wherever it is cut, before COMMIT or in it: who is told to try again does, and the comment is there once."""
    ports = [service.port for service in (start(), start())]
    with posting(ports) as load:
        for _ in range(CUTS):
            load.wait_for(5)
            _administer(database, CUT_OFF)
    assert load.errors == []
    load.send_again(ports[0])
    check_all_is_there(storage, load)


def test_readers_read_on_while_the_database_is_away(server, start, storage, folder):
    """A published conversation is a file; the health check says 503 meanwhile, and 200 when the server is back."""
    service = start()
    moderator = Moderator(service.port, storage)
    with posting([service.port], moderator=moderator) as load:
        load.wait_for(20)
    check_approved(storage, folder / "var" / "published", load)
    reader = Visitor(service.port)
    server.stop()
    try:
        assert reader.get("/healthz").status == 503
        assert reader.get("/kommentarer/published/2026_vi-provar.json").json["count"] == len(load.approved)
    finally:
        server.start()
    wait_until(lambda: reader.get("/healthz").status == 200, "a healthy service")
    reader.close()
    moderator.close()


def test_a_decision_is_kept_when_its_page_cannot_be_written(start, storage, folder):
    """The disk of published/ is full: the moderator is told, and the page follows as soon as there is room."""
    service, load = start(), Load()
    visitor, moderator = Visitor(service.port), Moderator(service.port, storage)
    load.send(visitor, "Före")
    service.limit_files(0)
    assert moderator.approve(load.taken[0][0]) == 302
    assert "sidan kunde inte skrivas om" in moderator.get("/moderering/").text
    assert published_ids(folder / "var" / "published") == set()
    service.limit_files()
    load.approved.append(load.taken[0][0])
    check_approved(storage, folder / "var" / "published", load)
    visitor.close()
    moderator.close()


def test_an_error_that_somebody_swallowed_is_never_committed(storage):
    """The server would take COMMIT for ROLLBACK and say nothing: the writer must not be told that all is well."""
    with pytest.raises(RuntimeError), storage.transaction():
        storage.execute(threads.insert().values(uri="/2026/a/", title="A"))
        with suppress(SQLAlchemyError):
            storage.execute(sa.text("SELECT nothing FROM nowhere"))
    assert storage.rows(sa.select(threads)) == []


def test_a_cut_that_somebody_swallowed_is_never_committed(storage, database):
    """Nor is what was written on a connection that is gone."""
    with pytest.raises(StorageBusy), storage.transaction():
        storage.execute(threads.insert().values(uri="/2026/a/", title="A"))
        _administer(database, CUT_OFF)
        with suppress(SQLAlchemyError):
            storage.execute(sa.select(threads))
    assert storage.rows(sa.select(threads)) == []


def test_a_cut_in_a_transaction_is_told_as_busy(storage, database):
    """As a state that passes, after which the same Storage works on."""
    with pytest.raises(StorageBusy), storage.transaction():
        _administer(database, CUT_OFF)
        storage.execute(threads.insert().values(uri="/2026/a/", title="A"))
    storage.execute(threads.insert().values(uri="/2026/b/", title="B"))
    assert [row["uri"] for row in storage.rows(sa.select(threads))] == ["/2026/b/"]
