"""The preview as a person starts it: `python -m builder serve`, a real process on a free port."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from builder.places import ROOT
from comments.storage import Storage, closures
from tests.running import PATIENCE_SECONDS, free_port, wait_for
from tests.site.conftest import Site, comment


@pytest.fixture
def start(site: Site, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start it with some variables; whatever still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []
    log = (tmp_path / "log").open("w", encoding="utf-8")

    def start(**variables: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-u", "-m", "builder", "serve"]
        environment = os.environ | variables
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
    log.close()


def read(port: int, path: str) -> str:
    """A page's text, "" while nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_the_preview_follows_every_change_and_ends_at_once(site: Site, start: Callable[..., Any]) -> None:
    """Site and service on one origin; a new text, a fault and an approval are seen; nothing is left running."""
    letter = site.letter("brev", "Ett.")
    port = free_port()
    process = start(PORT=str(port))
    wait_for(lambda: "Ett." in read(port, "/2026/brev/"))
    assert "/_preview/reload.js?build=1" in read(port, "/")
    assert read(port, "/healthz") == "ok\n"

    site.letter("brev", "Två.")
    wait_for(lambda: "Två." in read(port, "/2026/brev/"))

    site.letter("brev", "Tre.", date="fel")
    wait_for(lambda: news(port, "/2026/brev/")["notices"])
    assert str(letter) in news(port, "/2026/brev/")["notices"][0]["lines"][0]
    assert "Två." in read(port, "/2026/brev/")

    site.letter("brev", "Fyra.")
    site.conversation("/2026/brev/", [comment(1)])
    wait_for(lambda: "Kommentar 1." in read(port, "/2026/brev/"))

    with socket.create_connection(("127.0.0.1", port), timeout=60) as sender:
        sender.sendall(
            f"POST /redigera/ HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 99999999999\r\n\r\n".encode()
        )
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")

    (watcher,) = children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not Path(f"/proc/{watcher}").exists()


def news(port: int, path: str) -> Any:
    """What the page at that path is told of the last build."""
    return json.loads(read(port, f"/_preview/build?path={path}"))


def children(parent: int) -> list[int]:
    """The processes that this process started and that still run."""
    return [int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_no_page_waits_for_the_search(site: Site, start: Callable[..., Any], tmp_path: Path) -> None:
    """An index that never comes holds up no change, and what should make it ends with the next one, or the preview."""
    never, started = tmp_path / "never", tmp_path / "started"
    never.write_text(f"#!/bin/sh\necho $$ >> {started}\nexec sleep 600\n", encoding="utf-8")
    never.chmod(0o700)
    port = free_port()
    site.letter("brev", "Ett.")
    process = start(PORT=str(port), PAGEFIND_BINARY_PATH=str(never))
    for number, text in enumerate(("Ett.", "Två.", "Tre."), 1):
        site.letter("brev", text)
        wait_for_text(port, text)
        wait_for(partial(has_lines, started, number))
    process.terminate()
    process.wait(timeout=10)
    wait_for(lambda: not any(Path(f"/proc/{number}").exists() for number in started.read_text().split()))


def has_lines(file: Path, number: int) -> bool:
    """Whether so many have been written."""
    return file.exists() and len(file.read_text(encoding="utf-8").splitlines()) >= number


def test_the_builder_ends_when_the_preview_is_killed(site: Site, start: Callable[..., Any]) -> None:
    """A preview that had no time to tidy up leaves nothing behind that builds on."""
    site.letter()
    port = free_port()
    process = start(PORT=str(port))
    wait_for(lambda: read(port, "/"))
    (watcher,) = children(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not Path(f"/proc/{watcher}").exists())


def test_a_builder_that_ends_is_started_again(site: Site, start: Callable[..., Any], tmp_path: Path) -> None:
    """The preview goes on following changes, and says what happened."""
    site.letter("brev", "Ett.")
    port = free_port()
    process = start(PORT=str(port))
    wait_for(lambda: "Ett." in read(port, "/2026/brev/"))
    os.kill(children(process.pid)[0], signal.SIGKILL)
    log = tmp_path / "log"  # a build that was under way may still end, before the builder is started again
    wait_for(lambda: "Byggaren avslutades med kod -9 och startas igen." in log.read_text(encoding="utf-8"))
    site.letter("brev", "Två.")
    wait_for(lambda: "Två." in read(port, "/2026/brev/"))


@pytest.mark.parametrize("renamed", [True, False], ids=["renamed", "removed"])
def test_a_folder_put_in_another_s_place_is_followed(site: Site, start: Callable[..., Any], renamed: bool) -> None:
    """Git, a restored backup or a careful person may replace a watched folder; what comes later is seen too."""
    site.letter("brev", "Ett.")
    port = free_port()
    start(PORT=str(port))
    wait_for(lambda: "Ett." in read(port, "/2026/brev/"))
    for number, folder in enumerate((site.where.published, site.where.content), 1):
        replace(folder, renamed)
        site.conversation("/2026/brev/", [comment(number)])
        wait_for_text(port, f"Kommentar {number}.")
    site.letter("brev", "Två.")
    wait_for(lambda: "Två." in read(port, "/2026/brev/"))


def test_the_preview_follows_the_clock(site: Site, start: Callable[..., Any]) -> None:
    """A period that another process planned begins and ends in the page by itself, while nothing is written."""
    site.letter()
    port = free_port()
    start(PORT=str(port))
    wait_for_text(port, "<comment-form")
    starts = time.time() + 7  # by then the service has told the builder: it looks every five seconds
    period = {"kind": "closed", "starts": starts, "ends": starts + 3, "notice": "Stängt under valet.", "who": "-"}
    with closing(Storage(f"sqlite:///{site.where.data}/comments.db")) as storage:
        storage.execute(closures.insert().values(period))
    wait_for_text(port, "Stängt under valet.")
    assert time.time() >= starts
    wait_for_text(port, "<comment-form")
    assert time.time() >= starts + 3


def wait_for_text(port: int, text: str) -> None:
    """Until it stands in the letter's page."""
    wait_for(lambda: text in read(port, "/2026/brev/"))


def replace(folder: Path, renamed: bool) -> None:
    """Put a copy of the folder in its place."""
    kept = folder.with_name(f"{folder.name}-copy")
    shutil.copytree(folder, kept)
    if renamed:
        folder.rename(folder.with_name(f"{folder.name}-old"))
    else:
        shutil.rmtree(folder)
    kept.rename(folder)


def one_line(site: Site, **variables: str) -> str:
    """What is printed when it can't start: one line, exit code 1."""
    command = [sys.executable, "-W", "error", "-m", "builder", "serve"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_taken_port_is_told(site: Site) -> None:
    """With a port to try instead."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(site, PORT=str(port))
    assert line.startswith(f"PORT {port} används av ett annat program; välj en annan: make serve PORT=")


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_told(site: Site, port: str) -> None:
    """With what it must be."""
    assert one_line(site, PORT=port).startswith("PORT måste vara ett tal från 1 till 65535")


def test_data_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    """A file in the way is as bad as a missing right."""
    (tmp_path / "data").write_text("i vägen", encoding="utf-8")
    line = one_line(site, PORT=str(free_port()))
    assert line.startswith(f"DATA måste vara en mapp som går att skriva i, inte ”{tmp_path / 'data'}”")


def test_wrong_facts_are_told(site: Site) -> None:
    """By file and key."""
    site.where.site.write_text('title = "x"', encoding="utf-8")
    assert one_line(site, PORT=str(free_port())).startswith(f"{site.where.site}:1: ”organisation” måste finnas")
