"""The builder on the server: letters come at their minute, conversations when they are published."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from builder import live
from builder.places import ROOT
from builder.receive.house import House
from builder.receive.releases import main_channel
from builder.watch import Clock
from tests.publishing.conftest import Server, Writer, releases
from tests.site.conftest import Site, comment, new_site

PATIENCE_SECONDS = 60


@contextmanager
def running(server: Server) -> Iterator[None]:
    """`python -m builder live` in a time zone that is not the site's, ended as systemd ends it."""
    environment = os.environ | {"SERVER": str(server.house.root), "TZ": "Pacific/Auckland"}
    command = [sys.executable, "-m", "builder", "live"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def until(server: Server, path: str, text: str) -> None:
    """Wait until the published page has that text."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while not (server.house.current / path).exists() or text not in server.read(path):
        assert time.monotonic() < patience, f"{text} must come to be in {path}"
        time.sleep(0.05)


@pytest.fixture
def conversations(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Where the comment service publishes."""
    site = new_site(tmp_path_factory.mktemp("service"), monkeypatch)
    site.where.published.mkdir(parents=True)
    (server.house.root / "settings").write_text(f"CONVERSATIONS={site.where.published}\n", encoding="utf-8")
    for name in ("CONTENT", "OUTPUT", "DATA", "SITE"):
        monkeypatch.delenv(name)
    return site


def test_letters_and_comments_come_by_themselves(writer: Writer, server: Server, conversations: Site) -> None:
    """A letter at its second, in Swedish time; a comment in the release that is shown, which stays the only one."""
    moment = datetime.now(ZoneInfo("Europe/Stockholm")) + timedelta(seconds=3)
    writer.letter("sedan", date=f"{moment:%Y-%m-%d %H:%M:%S}")
    writer.commit()
    writer.push()
    assert server.shows("ett") or datetime.now(ZoneInfo("Europe/Stockholm")) > moment  # a machine that is busy
    with running(server):
        until(server, f"{moment:%Y}/sedan/index.html", "Brevet sedan")
        assert datetime.now(ZoneInfo("Europe/Stockholm")) >= moment.replace(microsecond=0)
        conversations.conversation("/2026/ett/", [comment(1)])
        until(server, "2026/ett/index.html", "Kommentar 1.")
        until(server, "kommentarer.xml", "Kommentar 1.")
    assert len(releases(server)) == 2  # one for each push


def test_the_builder_completes_a_push_that_was_killed(writer: Writer, server: Server) -> None:
    """Between git's own step and ours nobody may be left waiting: main says what is shown."""
    hook = server.house.repository / "hooks/reference-transaction"
    hook.write_text("#!/bin/sh\n[ $1 != committed ] || kill -9 $$\n", encoding="utf-8")
    writer.letter("tva")
    writer.commit()
    writer.push()
    assert server.shows("ett")
    live.attend(server.house, Clock(), lambda _line: None)
    assert server.shows("ett", "tva")


def test_nothing_is_built_while_nothing_changes(
    server: Server, conversations: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The builder looks often, and must cost nothing."""
    monkeypatch.setattr(live, "refresh", lambda *_arguments: pytest.fail("nothing has changed"))
    os.utime(conversations.where.published, (0, 0))
    live.attend(server.house, Clock(), lambda _line: None)


def test_what_cant_be_built_is_tried_again(
    server: Server, conversations: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter must not miss its day because the disk was full for a minute."""
    shown = main_channel(server.house).shown()
    assert shown
    shown.note(next_change=1.0)
    clock = Clock()
    monkeypatch.setattr(live, "refresh", lambda *_arguments: False)
    live.attend(server.house, clock, lambda _line: None)
    assert clock.next
    assert time.time() < clock.next <= time.time() + live.AGAIN_SECONDS


def test_conversations_at_an_address_are_asked_for_now_and_then(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing tells that they have changed."""
    shown = main_channel(server.house).shown()
    assert shown
    house = House(server.house.root, {"CONVERSATIONS": "https://ordetfritt.lindhamn.example/published"})
    assert live.next_look(house, shown) == shown.table["begun"] + live.AGAIN_SECONDS
    monkeypatch.setattr(time, "time", lambda: shown.table["begun"] + live.AGAIN_SECONDS - 1)
    assert not live.is_behind(house, shown)
    monkeypatch.setattr(time, "time", lambda: shown.table["begun"] + live.AGAIN_SECONDS)
    assert live.is_behind(house, shown)
