"""No room on the disk: people are told to try again, nothing is lost, and it goes on when there is room."""

import os
import random
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import _administer, _named
from tests.faults.load import Load, check_all_is_there, check_approved
from tests.faults.serving import Moderator, Serving, Visitor

LONG = 4900
MOST = 500
"""So many long comments fill what a database has set aside already."""

REFUSED = 3
"""After so many refusals there is no corner left that one more would fit into."""

CHANCE = random.Random(1)


class SmallDisk:
    """A disk of its own in memory, which the test fills and makes room on."""

    def __init__(self, place: Path, megabytes: int, owner: str = "root") -> None:
        if os.geteuid() != 0 or not shutil.which("mount"):
            pytest.skip("only root can mount a small disk")
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        options = f"size={megabytes}m,mode=700"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
        shutil.chown(place, owner)

    def fill(self, _service: Serving) -> None:
        """Take all room that is left."""
        with suppress(OSError), (self.place / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))

    def make_room(self, _service: Serving) -> None:
        """Give it back."""
        (self.place / "filler").unlink()

    def close(self) -> None:
        """Take the disk away."""
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)


class Limit:
    """A limit that the system sets on what a process may write to files: every write fails, as on a bad disk."""

    def fill(self, service: Serving) -> None:
        """Let nothing be written from now on."""
        service.limit_files(0)

    def make_room(self, service: Serving) -> None:
        """Let it write again."""
        service.limit_files()


@pytest.fixture(params=["sqlite-disk", "sqlite-limit", "postgresql-disk"])
def disk(request, tmp_path, monkeypatch):
    """What can become full; DATABASE_URL stands for the database that lies on it."""
    if request.param == "postgresql-disk":
        yield from _postgresql_on_a_small_disk(request, monkeypatch)
        return
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if request.param == "sqlite-limit":
        yield Limit()
        return
    disk = SmallDisk(tmp_path / "var", 8)
    yield disk
    disk.close()


def _postgresql_on_a_small_disk(request, monkeypatch):
    place = Path(tempfile.mkdtemp(prefix="ordetfritt-disk-"))
    try:
        disk = SmallDisk(place, 64, "pgserver")
        new, url = request.getfixturevalue("new_postgresql"), request.getfixturevalue("postgresql")
        top = _named(url, "template1")
        try:
            _administer(top, f"CREATE TABLESPACE small LOCATION '{place}'")
            name = sa.make_url(new()).database or ""
            _administer(top, f"ALTER DATABASE {name} SET TABLESPACE small")
            monkeypatch.setenv("DATABASE_URL", _named(url, name))
            yield disk
            _administer(top, f"DROP DATABASE {name} WITH (FORCE)", "DROP TABLESPACE small")
        finally:
            disk.close()
    finally:
        place.rmdir()


@pytest.fixture
def database(disk, new_sqlite, tmp_path):
    """The database that lies on what becomes full."""
    if os.environ.get("DATABASE_URL"):
        return os.environ["DATABASE_URL"]
    new_sqlite(tmp_path / "var" / "comments.db")
    return f"sqlite:///{tmp_path / 'var' / 'comments.db'}"


def words():
    """A long comment that can't be packed."""
    return "".join(CHANCE.choices("abcdefghijklmnopqrstuvwxyzåäö ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=LONG - 2)) + "."


def test_a_full_disk_loses_no_comment(disk, start, storage, folder):
    """A resident keeps the text and is told to try again; with room again it is taken, without a restart."""
    service, load = start(), Load()
    visitor, moderator = Visitor(service.port), Moderator(service.port, storage)
    load.send(visitor, "Före")
    disk.fill(service)
    while len(load.refused) < REFUSED and len(load.taken) < MOST:
        load.send(visitor, words())
    page = visitor.post(load.refused[0], accept="text/html")
    assert (page.status, load.others) == (503, [])
    assert "Försök igen om en stund" in page.text and f"{load.refused[0]}</textarea>" in page.text
    decided = moderator.approve(load.taken[0][0])
    disk.make_room(service)
    load.send_again(service.port)
    if decided != 302:
        assert (decided, moderator.approve(load.taken[0][0])) == (503, 302)
    load.approved.append(load.taken[0][0])
    check_all_is_there(storage, load)
    check_approved(storage, folder / "var" / "published", load)
    visitor.close()
    moderator.close()
