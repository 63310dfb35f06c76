"""The builder on the server: letters come at their minute, conversations when they are published."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest

from builder import live
from builder.apart import Builder
from builder.places import ROOT
from builder.receive.house import AGAIN_SECONDS, House
from builder.receive.releases import main_channel
from builder.receive.rollback import rollback
from builder.receive.staying import next_look
from builder.watch import Clock
from common.threads import published_name
from tests.publishing.conftest import Server, Writer, new_server, releases
from tests.running import wait_for
from tests.site.conftest import Site, comment, new_site


@contextmanager
def running(server: Server) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m builder live` in a time zone that is not the site's, when all is at hand; ended as systemd ends it."""
    environment = os.environ | {"SERVER": str(server.house.root), "TZ": "Pacific/Auckland"}
    command, begun = [sys.executable, "-W", "error", "-m", "builder", "live"], time.time()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: shown(server)["begun"] > begun)
        yield process
    finally:
        process.terminate()
        assert process.wait(30) in (0, -signal.SIGKILL)


def until(server: Server, path: str, text: str) -> None:
    """Wait until the published page has that text."""
    wait_for(lambda: (server.house.current / path).exists() and text in server.read(path))


def shown(server: Server) -> dict[str, float]:
    """What is known of the release that readers see."""
    release = main_channel(server.house).shown()
    assert release
    return release.table


def is_built_anew(server: Server) -> bool:
    """Whether the release that readers see was built again since it was made, which its name tells."""
    release = main_channel(server.house).shown()
    assert release
    return f"{datetime.fromtimestamp(release.table['begun'], UTC):%Y%m%dT%H%M%S.%f}" > release.folder.name


def whole_builds(server: Server) -> object:
    """Another one after each build of everything."""
    return (server.house.work("main") / "tree.json").stat().st_mtime_ns


def files(folder: Path) -> dict[str, bytes]:
    """All that a folder holds, also folders, with nothing in them."""
    top = folder.resolve()
    return {str(path.relative_to(top)): path.read_bytes() if path.is_file() else b"" for path in top.rglob("*")}


@pytest.fixture
def conversations(server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Where the comment service publishes."""
    site = new_site(tmp_path_factory.mktemp("service"), monkeypatch)
    site.where.published.mkdir(parents=True)
    settle_in(server, site)
    for name in ("CONTENT", "OUTPUT", "DATA", "SITE"):
        monkeypatch.delenv(name)
    return site


def settle_in(server: Server, site: Site) -> None:
    """Have a server read the conversations that are published there."""
    (server.house.root / "settings").write_text(f"CONVERSATIONS={site.where.published}\n", encoding="utf-8")


def test_letters_and_comments_come_by_themselves(writer: Writer, server: Server, conversations: Site) -> None:
    """A letter at its second, in Swedish time; a comment in the release that is shown, which stays the only one."""
    moment = datetime.now(ZoneInfo("Europe/Stockholm")) + timedelta(seconds=5)
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


def test_what_is_built_bit_by_bit_is_what_a_push_would_build(
    writer: Writer, server: Server, conversations: Site, tmp_path: Path
) -> None:
    """After comments, a push and a rollback, each in its turn, the site is that of the same commit pushed to nobody."""

    def is_as_pushed(commit: str, name: str) -> None:
        clean = new_server(tmp_path / name)
        settle_in(clean, conversations)
        writer.git("push", "-q", str(clean.house.repository), f"{commit}:refs/heads/main")
        wanted = files(clean.house.current)
        wait_for(lambda: files(server.house.current) == wanted)

    first = writer.commits()[-1]
    with running(server):
        conversations.conversation("/2026/ett/", [comment(number) for number in range(1, 53)])
        until(server, "2026/ett/kommentarer/2/index.html", "Kommentar 52.")
        writer.letter("ett", "Hej igen.")
        second = writer.publish("tva")
        conversations.conversation("/2026/tva/", [comment(100)])
        until(server, "2026/tva/index.html", "Kommentar 100.")
        is_as_pushed(second, "clean")
        conversations.conversation("/2026/ett/", [comment(1)])
        wait_for(lambda: not (server.house.current / "2026/ett/kommentarer/2/index.html").exists())
        is_as_pushed(second, "shorter")
        rollback(server.house, "", lambda _line: None)
        conversations.conversation("/2026/ett/", [comment(7, state="hidden", html=""), comment(200)])
        until(server, "2026/ett/index.html", "Kommentar 200.")
        is_as_pushed(first, "rolled-back")


def test_a_comment_takes_no_whole_build(writer: Writer, server: Server, conversations: Site) -> None:
    """The builder stays, and has all that it built last at hand: after a push as well, and whatever it looks at."""
    with running(server):
        before = whole_builds(server)
        subprocess.run(["git", "-C", server.house.repository, "pack-refs", "--all"], check=True)
        for number in (1, 2):
            conversations.conversation("/2026/ett/", [comment(number)])
            until(server, "2026/ett/index.html", f"Kommentar {number}.")
            until(server, "kommentarer.xml", f"Kommentar {number}.")
        assert whole_builds(server) == before
        writer.publish("tva")
        wait_for(lambda: is_built_anew(server))
        before = whole_builds(server)
        conversations.conversation("/2026/tva/", [comment(3)])
        until(server, "2026/tva/index.html", "Kommentar 3.")
        assert whole_builds(server) == before


def test_settings_that_change_are_followed(server: Server, conversations: Site) -> None:
    """The builder is started before anybody has written where the comments are."""
    (server.house.root / "settings").write_text("KEEP=5\n", encoding="utf-8")
    with running(server):
        conversations.conversation("/2026/ett/", [comment(1)])
        settle_in(server, conversations)
        until(server, "2026/ett/index.html", "Kommentar 1.")
        conversations.conversation("/2026/ett/", [comment(2)])
        until(server, "2026/ett/index.html", "Kommentar 2.")


def test_a_file_that_is_none_is_got_over(server: Server, conversations: Site) -> None:
    """Broken, of a letter that nobody wrote, or removed again: what is published next is shown all the same."""
    with running(server):
        file = conversations.conversation("/2026/ett/", [comment(1)])
        until(server, "2026/ett/index.html", "Kommentar 1.")
        file.write_text('{"format": 1, "uri": ', encoding="utf-8")
        conversations.conversation("/2026/ingen/", [comment(2)])
        file.unlink()
        conversations.conversation("/2026/tva/", [comment(3)]).write_bytes(b"\xff\0")
        assert "Kommentar 1." in server.read("2026/ett/index.html")
        conversations.conversation("/2026/ett/", [comment(4)])
        until(server, "2026/ett/index.html", "Kommentar 4.")


@pytest.mark.parametrize("pushes", [2])
def test_a_pipe_in_the_place_of_a_file_stops_nobody(server: Server, conversations: Site) -> None:
    """Whoever read it would wait without end, and every push for them."""
    with running(server):
        os.mkfifo(conversations.where.published / published_name("/2026/tva/"))
        conversations.conversation("/2026/ett/", [comment(1)])
        until(server, "2026/ett/index.html", "Kommentar 1.")


OUT_OF_DATE = """
[security]
contact = ["sakerhet@lindhamn.example"]
expires = 2021-01-01
languages = ["sv"]
"""


def test_what_is_public_is_kept_up_to_date_when_days_have_passed(
    writer: Writer, server: Server, conversations: Site
) -> None:
    """Nobody has pushed for years, and a check is newer than a letter: what is hidden goes all the same.

    An older version can be gone back to.
    """
    letter = (writer.folder / "content/letters/ett.md").read_text(encoding="utf-8")
    writer.write("content/letters/ett.md", f"{letter}\n\nHej. </div>\n")
    site = (writer.folder / "site.toml").read_text(encoding="utf-8")
    writer.write("site.toml", re.sub(r"(?m)^reviewed = .*", "reviewed = 2020-01-01", site) + OUT_OF_DATE)
    commit = writer.commit()
    assert not writer.push().ok  # as it would be today
    without_hooks = ["git", "-C", str(server.house.repository), "-c", "core.hooksPath=/dev/null"]
    subprocess.run([*without_hooks, "fetch", "-q", str(writer.folder), "main:main"], check=True)
    release = main_channel(server.house).shown()
    assert release
    release.note(commit=commit)
    with running(server):
        conversations.conversation("/2026/ett/", [comment(1)])
        until(server, "2026/ett/index.html", "Kommentar 1.")
        conversations.conversation("/2026/ett/", [comment(1, state="hidden", html=""), comment(2)])
        until(server, "2026/ett/index.html", "Kommentar 2.")
        assert "Kommentar 1." not in server.read("2026/ett/index.html")
    assert rollback(server.house, commit, lambda _line: None) == 0


def test_a_builder_that_is_killed_is_started_again(server: Server, conversations: Site) -> None:
    """Nothing is lost, whichever of its processes the system ends."""
    with running(server) as process:
        builder_of(process).kill()
        conversations.conversation("/2026/ett/", [comment(1)])
        until(server, "2026/ett/index.html", "Kommentar 1.")
        process.kill()
        conversations.conversation("/2026/ett/", [comment(2)])
        with running(server):
            until(server, "2026/ett/index.html", "Kommentar 2.")


def builder_of(process: "subprocess.Popen[bytes]") -> psutil.Process:
    """The process that builds for one that watches: the one that holds most."""
    return max(psutil.Process(process.pid).children(recursive=True), key=lambda each: each.memory_info().rss)


def test_the_builder_completes_a_push_that_was_killed(writer: Writer, server: Server) -> None:
    """Between git's own step and ours nobody may be left waiting: main says what is shown."""
    hook = server.house.repository / "hooks/reference-transaction"
    hook.write_text("#!/bin/sh\n[ $1 != committed ] || kill -9 $$\n", encoding="utf-8")
    writer.letter("tva")
    writer.commit()
    writer.push()
    assert server.shows("ett")
    with running(server):
        wait_for(lambda: server.shows("ett", "tva"))


@pytest.mark.parametrize("answers", [[{"ok": False, "errors": []}], [{"ok": False, "errors": [], "killed": True}] * 2])
def test_what_cant_be_built_is_tried_again(monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, object]]) -> None:
    """A letter must not miss its day because the disk was full for a minute."""
    clock, builder = Clock(), Builder("", None, lambda: str)
    monkeypatch.setattr(builder, "build", lambda _files: answers.pop())
    live.attend(builder, frozenset(), clock)
    assert clock.next
    assert time.time() < clock.next <= time.time() + AGAIN_SECONDS
    assert answers == []


def test_conversations_at_an_address_are_asked_for_now_and_then(server: Server) -> None:
    """Nothing tells that they have changed."""
    release = main_channel(server.house).shown()
    assert release
    house = House(server.house.root, {"CONVERSATIONS": "https://ordetfritt.lindhamn.example/published"})
    assert next_look(house, release) == release.table["begun"] + AGAIN_SECONDS
    assert next_look(server.house, release) is None
