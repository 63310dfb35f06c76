"""Going back: at once, said in words, and nothing brings the faulty version back by itself."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from builder.apart import Builder
from builder.places import ROOT
from builder.receive.house import House
from builder.receive.rollback import CannotRollBack, rollback
from tests.publishing.conftest import Server, Writer, releases
from tests.site.conftest import Site, comment


@pytest.fixture
def pushes() -> int:
    """Two versions: "ett", and "tva" after it."""
    return 2


@pytest.fixture
def said(server: Server) -> Callable[..., str]:
    """Roll back; gives what was said."""

    def back(to: str = "") -> str:
        lines: list[str] = []
        rollback(server.house, to, lines.append)
        return "\n".join(lines)

    return back


def test_a_rollback_shows_the_version_before(writer: Writer, server: Server, said: Callable[..., str]) -> None:
    """It says which letter and commit that is, and leaves main where it is."""
    first, second = writer.commits()
    assert f"visar {first[:7]} (Skriv ett) – ”Brevet ett”" in said()
    assert server.shows("ett")
    assert server.main() == second


def test_make_rollback_goes_back_to_a_commit(writer: Writer, server: Server) -> None:
    """As whoever runs the server types it."""
    first, _second = writer.commits()
    writer.publish("tre")
    command = ["make", "rollback", f"SERVER={server.house.root}", f"TO={first[:10]}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, server.shows("ett")) == (0, True), done.stderr
    assert "till nästa push till main" in done.stderr


@pytest.fixture
def hidden(server: Server, site: Site) -> House:
    """A server whose first version was built with a comment that has been hidden since, and is gone from main's."""
    house = House(server.house.root, {"CONVERSATIONS": str(site.where.published)})
    site.conversation("/2026/ett/", [comment(1)])
    rollback(house, "", lambda _line: None)
    assert "Kommentar 1." in server.read("2026/ett/index.html")
    site.conversation("/2026/ett/", [comment(1, state="hidden", html="")])
    rollback(house, server.main(), lambda _line: None)
    return house


def test_a_rollback_shows_no_comment_that_was_hidden_since(server: Server, hidden: House) -> None:
    """Not for a moment: the older version is built again before readers see it."""
    read: list[str] = []
    rollback(hidden, "", lambda _line: read.append(server.read("2026/ett/index.html")))
    assert server.shows("ett")
    assert not any("Kommentar 1." in text for text in read)


def test_a_version_that_cant_be_built_again_is_not_shown(server: Server, hidden: House) -> None:
    """It would bring back what was hidden."""
    page = server.house.work("main") / "site/2026/ett/index.html"
    page.unlink()
    page.mkdir()
    with pytest.raises(CannotRollBack):
        rollback(hidden, "", lambda _line: None)
    assert server.shows("ett", "tva")


def test_the_builder_does_not_undo_a_rollback(server: Server, said: Callable[..., str]) -> None:
    """Not when it starts anew, and not when it builds again because of a comment."""
    said()
    (server.house.data / "published").mkdir(exist_ok=True)
    builder = Builder("builder.receive.staying", server.house.root, server.house.words)
    assert builder.build(None)["ok"]
    builder.end()
    assert server.shows("ett")


def test_what_cant_be_noted_is_not_shown(server: Server, said: Callable[..., str]) -> None:
    """The builder would undo it a moment later."""
    (server.house.root / ".rolled-back.json.new").mkdir()
    with pytest.raises(OSError, match="directory"):
        said()
    assert server.shows("ett", "tva")


def test_the_next_push_ends_a_rollback(writer: Writer, server: Server, said: Callable[..., str]) -> None:
    """Whoever pushes is told that there was one."""
    said()
    writer.letter("tre")
    writer.commit()
    assert "Webbplatsen hade backats till" in writer.push().said
    assert server.shows("ett", "tva", "tre")


def test_a_rollback_to_main_ends_one(writer: Writer, server: Server, said: Callable[..., str]) -> None:
    """The way forward when nothing has to be put right."""
    _first, second = writer.commits()
    said()
    assert "till nästa push" not in said(second)
    assert server.shows("ett", "tva")
    assert server.house.pin() is None


def test_what_was_removed_from_the_disk_is_built_again(writer: Writer, server: Server) -> None:
    """Any commit that was pushed can be shown, also one older than the releases that are kept."""
    (server.house.root / "settings").write_text("KEEP=2\n", encoding="utf-8")
    first, _second = writer.commits()
    writer.publish("tre")
    assert not any(first[:12] in name for name in releases(server))
    rollback(server.house, first, lambda _line: None)
    assert server.shows("ett")


@pytest.mark.parametrize("pushes", [1])
@pytest.mark.parametrize("to", ["", "finns-inte", "--help", "v1\nv2"])
def test_there_must_be_something_to_go_back_to(server: Server, to: str) -> None:
    """The site stays as it is."""
    with pytest.raises(CannotRollBack):
        rollback(server.house, to, lambda _line: None)
    assert server.shows("ett")


def test_the_versions_are_listed(server: Server) -> None:
    """With what tells them from each other; a star marks the one that is shown."""
    command = [sys.executable, "-m", "builder.receive", "releases", str(server.house.root)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stderr.splitlines()
    assert [line[0] for line in told] == ["*", " "]
    assert told[1].endswith("(Skriv ett) – ”Brevet ett”")
