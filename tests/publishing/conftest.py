"""A server that receives pushes, and writers with working copies of their own: real git, real builds."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from builder.receive.house import House, read_house
from builder.receive.releases import main_channel
from builder.receive.setting_up import setup
from tests.site.conftest import SITE, Site, new_site
from tests.statement import statement

WHO = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in
       (("NAME", "Kommunikatören"), ("EMAIL", "kommunikator@lindhamn.example"))}  # fmt: skip
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@dataclass(frozen=True)
class Pushed:
    """What a push ended with, and what the writer read."""

    code: int
    said: str

    @property
    def ok(self) -> bool:
        """Whether git took it in."""
        return self.code == 0


@dataclass(frozen=True)
class Server:
    """A folder as deploy/receive makes it."""

    house: House

    def read(self, path: str) -> str:
        """A file of the published site."""
        return (self.house.current / path).read_text(encoding="utf-8")

    def shows(self, *slugs: str) -> bool:
        """Whether exactly these letters are published: their pages, and in letters.json."""
        pages = {path.parent.name for path in self.house.current.resolve().glob("2026/*/index.html")}
        return pages == set(slugs) and all(f'"/2026/{slug}/"' in self.read("letters.json") for slug in slugs)

    def main(self) -> str:
        """The commit that main is; "" where there is none."""
        command = ["git", f"--git-dir={self.house.repository}", "rev-parse", "--verify", "--quiet", "refs/heads/main"]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    def left_over(self) -> list[str]:
        """What is in the releases' folder but releases."""
        return [path.name for path in (self.house.root / "releases").glob(".*")]


@dataclass(frozen=True)
class Writer:
    """A working copy."""

    folder: Path
    server: Server

    def git(self, *arguments: str) -> str:
        """Run a git command that must succeed; gives what it printed."""
        done = self._run(*arguments, environment={})
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _run(self, *arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
        env = os.environ | WHO | ALONE | environment
        return subprocess.run(["git", *arguments], cwd=self.folder, env=env, capture_output=True, text=True)

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def letter(self, slug: str, body: str = "Hej.", date: str = "2026-11-01 08:00", **header: str) -> None:
        """Write a letter."""
        lines = {"title": f"Brevet {slug}", "date": date, "slug": slug, **header}
        head = "\n".join(f"{key.capitalize()}: {value}" for key, value in lines.items())
        self.write(f"content/letters/{slug}.md", f"{head}\n\n{body}\n")

    def commits(self) -> list[str]:
        """What has been committed, the oldest first."""
        return self.git("rev-list", "--reverse", "HEAD").split()

    def commit(self, message: str = "Ändra") -> str:
        """Commit all there is; gives the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, *arguments: str, **environment: str) -> Pushed:
        """Push main, or what is said."""
        done = self._run("push", "publicera", *(arguments or ("main",)), environment=environment)
        return Pushed(done.returncode, done.stderr)

    def publish(self, slug: str, body: str = "Hej.") -> str:
        """Write a letter and push it, which must succeed; gives the commit."""
        self.letter(slug, body)
        commit = self.commit(f"Skriv {slug}")
        pushed = self.push()
        assert pushed.ok, pushed.said
        return commit


def new_server(root: Path) -> Server:
    """Set up in an empty folder."""
    setup(House(root), lambda _line: None)
    return Server(read_house(root))


def new_writer(folder: Path, server: Server) -> Writer:
    """A working copy with a site.toml and no letter."""
    folder.mkdir(parents=True)
    writer = Writer(folder, server)
    writer.git("init", "-q", "-b", "main")
    writer.git("remote", "add", "publicera", "../srv/site.git")
    site = SITE.format(language="sv").replace('picture = "images/portratt.svg"\n', "")
    writer.write("site.toml", site + statement())
    return writer


PLACES = ("CONTENT", "OUTPUT", "DATA", "SITE", "THEME", "CONVERSATIONS")


@pytest.fixture(scope="session")
def histories(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Folders with a server and a writer, by how many letters were pushed, one at a time: none, "ett", "tva" too."""
    made = [tmp_path_factory.mktemp("history") / str(number) for number in range(3)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name in PLACES:
            monkeypatch.delenv(name, raising=False)
        new_writer(made[0] / "writer", new_server(made[0] / "srv"))
        for number, slug in enumerate(("ett", "tva")):
            _copy(made[number], made[number + 1])
            _writer(made[number + 1]).publish(slug)
    return made


@pytest.fixture
def pushes() -> int:
    """How many letters have been pushed when a test begins; a module or a test's parameter says otherwise."""
    return 1


@pytest.fixture
def writer(tmp_path: Path, histories: list[Path], pushes: int, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """Whoever pushes to `server`."""
    for name in PLACES:
        monkeypatch.delenv(name, raising=False)
    _copy(histories[pushes], tmp_path / "history")
    return _writer(tmp_path / "history")


@pytest.fixture
def server(writer: Writer) -> Server:
    """The server."""
    return writer.server


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that is built without any server."""
    return new_site(tmp_path / "site", monkeypatch)


def _copy(folder: Path, target: Path) -> None:
    """With hard links as they are, which Python's own copying does not keep."""
    subprocess.run(["cp", "-a", folder, target], check=True)


def _writer(folder: Path) -> Writer:
    return Writer(folder / "writer", Server(read_house(folder / "srv")))


def releases(server: Server) -> list[str]:
    """The names of all releases, the oldest first."""
    return [release.folder.name for release in main_channel(server.house).all()]
