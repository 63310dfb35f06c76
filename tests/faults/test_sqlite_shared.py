"""A second process of the service starts on the same SQLite file under load."""

import pytest

from tests.faults.load import check_all_is_there, posting


@pytest.fixture
def database(new_sqlite, tmp_path, monkeypatch):
    """A file: a server is shared by nature."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    new_sqlite(tmp_path / "var" / "comments.db")
    return f"sqlite:///{tmp_path / 'var' / 'comments.db'}"


def test_a_second_process_on_the_same_file_takes_its_turn(start, storage):
    """Nobody who posts to either is refused, and no comment is lost or crossed."""
    first = start()
    with posting([first.port]) as load:
        load.wait_for(20)
        second = start()
        with posting([second.port]) as other:
            other.wait_for(60)
            load.wait_for(60)
    assert load.refused == other.refused == load.errors == other.errors == []
    check_all_is_there(storage, load, other)
