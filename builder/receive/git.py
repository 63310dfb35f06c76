"""What is asked of git: the files of a commit, and how commits follow each other."""

import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

NOTHING = frozenset("0")
"""What the name of an object that is none consists of."""
SYMLINK, SUBMODULE = "120000", "160000"


@dataclass(frozen=True)
class Entry:
    """A file in a commit: `name` is the SHA of its content, `size` its bytes; the path may hold surrogates."""

    mode: str
    name: str
    size: int
    path: str


class Git:
    """A repository. The environment of a hook is handed on: it says where git keeps what was pushed until it is in.

    git runs in the repository, as in a hook: the folder of whoever asks may be gone, and then git says nothing.
    """

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self.command = ["git", "--git-dir=."]

    def ask(self, *arguments: str) -> str | None:
        """What a git command prints, None where it fails."""
        command = [*self.command, *arguments]
        done = subprocess.run(  # noqa: S603  no shell reads it
            command, cwd=self.repository, stdin=subprocess.DEVNULL, capture_output=True
        )
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n") if done.returncode == 0 else None

    def commit(self, name: str) -> str | None:
        """The full name of the commit that a ref or the beginning of a SHA names; None where there is none."""
        return self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")

    def kind(self, name: str) -> str | None:
        """What an object is: commit, tag, tree or blob."""
        return self.ask("cat-file", "-t", name)

    def subject(self, commit: str) -> str:
        """The first line of what a commit says of itself."""
        return self.ask("log", "-1", "--format=%s", commit) or ""

    def is_before(self, one: str, other: str) -> bool:
        """Whether a commit is among those that another came after."""
        return one != other and self.ask("merge-base", "--is-ancestor", one, other) is not None

    def entries(self, commit: str) -> list[Entry]:
        """Every file of a commit, also symbolic links and submodules."""
        listed = self.ask("ls-tree", "-r", "-z", "-l", "--full-tree", commit) or ""
        return [_entry(line) for line in listed.split("\0") if line]

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        """Each file with what it holds."""
        command = [*self.command, "cat-file", "--batch"]
        with subprocess.Popen(  # noqa: S603
            command, cwd=self.repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin and process.stdout
            for entry in entries:
                process.stdin.write(f"{entry.name}\n".encode())
                process.stdin.flush()
                size = int(process.stdout.readline().split()[2])
                yield entry, process.stdout.read(size)
                process.stdout.read(1)


def _entry(line: str) -> Entry:
    told, _tab, path = line.partition("\t")
    mode, _kind, name, size = told.split()
    return Entry(mode, name, int(size) if size.isdecimal() else 0, path)


def is_nothing(name: str) -> bool:
    """Whether git names no object by it: a ref that is new, or to be removed."""
    return set(name) <= NOTHING
