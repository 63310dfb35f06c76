"""What git knows of a folder."""

import subprocess
from pathlib import Path

from plugins.wording import WordedError


class GitFailed(WordedError):
    """git is missing, or would not do what it was asked."""


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """What git answers, run in that folder; GitFailed with git's own last line where it fails."""
    try:
        done = subprocess.run(  # noqa: S603  arguments as a list
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            input=given.encode("utf-8", "surrogateescape"),
            capture_output=True,
        )
    except OSError as error:
        raise GitFailed("git must be installed (%(why)s)", why=error.strerror) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise GitFailed("git must work in %(folder)s; it says: %(why)s", folder=folder, why=said or done.returncode)
    return done.stdout.decode("utf-8", "surrogateescape")


def names(folder: Path, *arguments: str) -> list[str]:
    """The file names that git lists with -z, which leaves å and spaces as they are."""
    return [name for name in git(folder, *arguments).split("\0") if name]


def top(folder: Path) -> Path | None:
    """The outermost folder of the working copy that a folder lies in; None outside any."""
    try:
        return Path(git(folder, "rev-parse", "--show-toplevel").rstrip("\n"))
    except GitFailed:
        return None


def asked(folder: Path, *arguments: str) -> str:
    """One line that git answers, "" where it has none to give."""
    try:
        return git(folder, *arguments).strip()
    except GitFailed:
        return ""
