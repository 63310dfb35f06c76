"""Pushes at the same time, and pushes that end in the middle: the published site is whole, and the next push works."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

from builder.apart import Builder
from builder.receive.releases import main_channel
from tests.faults.test_full_disk import SmallDisk
from tests.publishing.conftest import ALONE, WHO, Server, Writer, new_server, new_writer, releases


@contextmanager
def held(server: Server) -> Iterator[None]:
    """As if another push was being built."""
    with (server.house.root / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def pushing(writer: Writer, lock: IO[str] | None = None) -> Iterator["subprocess.Popen[str]"]:
    """A push that runs, and is read to its end; it begins while that lock is held."""
    if lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
    environment = os.environ | WHO | ALONE
    command = ["git", "push", "publicera", "main"]
    with subprocess.Popen(command, cwd=writer.folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        yield process
        assert process.stderr
        process.stderr.read()


def said(process: "subprocess.Popen[str]", words: str) -> None:
    """Read on until that is said."""
    assert process.stderr
    read = []
    for line in process.stderr:
        read.append(line)
        if words in line:
            return
    raise AssertionError(f"{words} must be said, not {read}")


def worker(server: Server, words: bytes) -> int:
    """The process that works for this server and has those words in its command line."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if words in (folder / "cmdline").read_bytes() and _is_for(server, (folder / "environ").read_bytes()):
                return int(folder.name)
    raise AssertionError(f"{words!r} must run")


def _is_for(server: Server, environment: bytes) -> bool:
    return str(server.house.root).encode() in environment


def test_a_second_push_waits_and_says_so(writer: Writer, server: Server) -> None:
    """Builds never meet."""
    writer.letter("tva")
    writer.commit()
    lock = (server.house.root / "lock").open("a")
    with lock, pushing(writer, lock) as process:
        said(process, "En annan publicering pågår")
        assert server.shows("ett")
        fcntl.flock(lock, fcntl.LOCK_UN)
        said(process, "Publicerat")
    assert server.shows("ett", "tva")


def test_two_pushes_at_once_are_ordered(writer: Writer, server: Server) -> None:
    """One is published; the other is told to fetch it, before anything is built of it."""
    other = new_writer(writer.folder.parent / "other", server)
    other.git("fetch", "-q", "publicera", "main")
    other.git("reset", "-q", "--hard", "FETCH_HEAD")
    for each, slug in ((writer, "tva"), (other, "tre")):
        each.letter(slug)
        each.commit()
    with (server.house.root / "lock").open("a") as lock, pushing(writer, lock) as one, pushing(other) as two:
        for process in (one, two):
            said(process, "Väntar på den")
        fcntl.flock(lock, fcntl.LOCK_UN)
        told = [process.stderr.read() for process in (one, two) if process.stderr]
    assert sorted(process.returncode for process in (one, two)) == [0, 1]
    second, first = sorted(told, key=lambda text: "Granskar och bygger" in text)
    assert "Granskar och bygger" in first
    assert "Granskar och bygger" not in second
    assert "Hämta deras arbete först" in second
    assert server.shows("ett", "tva") or server.shows("ett", "tre")
    assert server.main() in (writer.commits()[-1], other.commits()[-1])


def test_a_writer_who_goes_away_finds_it_whole(writer: Writer, server: Server) -> None:
    """git goes on when all has come: the site is what main says, and another push of the same works."""
    writer.letter("tva")
    writer.commit()
    with pushing(writer) as process:
        said(process, "Granskar och bygger")
        process.kill()
    shown = main_channel(server.house).shown()
    assert shown
    assert shown.commit == server.main()
    assert writer.push().ok
    assert server.shows("ett", "tva")


@contextmanager
def slow_builds(server: Server) -> Iterator[None]:
    """Builds wait meanwhile for conversations from a service that takes calls and says nothing."""
    settings = server.house.root / "settings"
    before = settings.read_text(encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.write_text(f"CONVERSATIONS=http://127.0.0.1:{silent.getsockname()[1]}\n", encoding="utf-8")
        yield
    settings.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("victim", [b"pre-receive", b"builder.told"])
def test_a_push_that_is_killed_changes_nothing(writer: Writer, server: Server, victim: bytes) -> None:
    """The system ends one of its programs: the site is as it was, and the same push works afterwards."""
    before = (server.main(), server.house.current.readlink())
    writer.letter("tva")
    writer.commit()
    with slow_builds(server), pushing(writer) as process:
        said(process, "Granskar och bygger")
        os.kill(worker(server, victim), signal.SIGKILL)
    with held(server):  # whatever was still being built has ended
        assert (server.main(), server.house.current.readlink()) == before
    assert writer.push().ok
    assert server.shows("ett", "tva")
    assert (server.left_over(), len(releases(server))) == ([], 2)


def test_what_was_refused_is_published_by_no_other_push(writer: Writer, server: Server) -> None:
    """Its build ended between two files, when the first lay where the next build goes on from."""
    in_the_way = server.house.work("main") / "site/2026/senare/index.html"
    in_the_way.mkdir(parents=True)
    for slug in ("hemligt", "senare"):
        writer.letter(slug)
    writer.commit()
    assert not writer.push().ok
    assert (server.house.work("main") / "site/2026/hemligt/index.html").exists()
    in_the_way.rmdir()
    writer.git("reset", "-q", "--hard", "HEAD~1")
    writer.publish("tva")
    assert server.shows("ett", "tva")


def test_the_builder_gets_over_sources_that_are_half_written(server: Server) -> None:
    """Whoever wrote them was killed: they are written anew, in the folder where the builder is at work."""
    builder = Builder("builder.receive.staying", server.house.root, server.house.words)
    assert builder.build(None)["ok"]
    (server.house.work("main") / "tree.json").unlink()
    assert builder.build(None)["ok"]
    builder.end()


def test_a_full_disk(tmp_path: Path) -> None:
    """It is said what is the matter; the site stays, and when there is room the next push works."""
    disk = SmallDisk(tmp_path / "disk", 60)
    try:
        server = new_server(tmp_path / "disk/srv")
        writer = new_writer(tmp_path / "disk/writer", server)
        writer.publish("ett")
        writer.letter("tva")
        writer.commit()
        with (disk.place / "filler").open("wb") as filler:
            _fill(filler.fileno(), leaving=60_000)
        pushed = writer.push()
        assert not pushed.ok
        assert "disken är full" in pushed.said
        assert server.shows("ett")
        (disk.place / "filler").unlink()
        assert writer.push().ok
        assert server.shows("ett", "tva")
    finally:
        disk.close()


def _fill(file: int, leaving: int) -> None:
    state = os.fstatvfs(file)
    os.posix_fallocate(file, 0, state.f_bavail * state.f_frsize - leaving)


LIMITED = """
import os, resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
os.execlp("git", "git", "push", "publicera", "main")
"""


def test_files_that_cant_be_written(writer: Writer, server: Server) -> None:
    """A limit of the system has the same end as a full disk."""
    writer.letter("tva", body="Hej. " * 100_000)
    writer.commit()
    command, environment = [sys.executable, "-c", LIMITED], os.environ | WHO | ALONE
    done = subprocess.run(command, cwd=writer.folder, env=environment, capture_output=True, text=True)
    assert done.returncode
    assert "File too large" in done.stderr
    assert server.shows("ett")
    assert writer.push().ok
    assert server.shows("ett", "tva")


def test_a_release_that_a_power_cut_has_halved_is_none(writer: Writer, server: Server) -> None:
    """What is told of it is empty: it is left out, and removed."""
    [whole] = releases(server)
    half = server.house.root / "releases/20991231T235959.000000Z-000000000000"
    half.mkdir()
    (half / "release.json").touch()
    assert releases(server) == [whole]
    writer.publish("tva")
    assert not half.exists()


def test_what_nobody_foresaw_is_told_in_a_line(writer: Writer, server: Server) -> None:
    """No traceback, and nothing published."""
    (server.house.root / "rolled-back.json").write_text('["no table"]', encoding="utf-8")
    writer.letter("tva")
    writer.commit()
    pushed = writer.push()
    assert not pushed.ok
    assert "Traceback" not in pushed.said
    assert "Den publicerade webbplatsen är orörd" in pushed.said
    assert server.shows("ett")
