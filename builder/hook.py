"""The pre-commit hook: what is about to be committed is checked, and a commit with errors is not made."""

import contextlib
import shlex
import sys
from pathlib import Path

from builder.git import asked, git, top
from builder.places import ROOT, Places
from builder.words import site_gettext
from plugins.wording import Gettext, WordedError

PYTHON = ROOT / ".venv" / "bin" / "python"
MARK = "# Ordet fritt: checks the letters of a commit before it is made."
SCRIPT = """#!/bin/sh
{mark}
# Written by "make hook". Remove this file to be rid of it.
top=$(git rev-parse --show-toplevel) || exit 1
python={python}
if [ ! -x "$python" ]; then
    echo {unchecked} >&2
    exit 0
fi
PYTHONPATH={root} CONTENT={content} SITE={site} exec "$python" -m builder check --staged
"""
REFUSED = ("config", "--local", "ordetfritt.hook", "no")


class CannotHook(WordedError):
    """There is no place for the hook, or another's hook stands there."""


def hook(where: Places) -> int:
    """Install the hook in the repository of CONTENT; 1 with one line on why not."""
    _ = site_gettext(where)
    try:
        print(_("Every commit in %(folder)s is checked from now on (%(file)s).") % install(where, _))
    except WordedError as error:
        print(error.told(_), file=sys.stderr)
        return 1
    return 0


def install(where: Places, _: Gettext) -> dict[str, Path]:
    """Write the hook, in the place of an older one of ours alone: the repository's folder, and the file."""
    folder = top(where.content)
    if folder is None:
        raise CannotHook('CONTENT must lie in a git repository; "%(folder)s" does not', folder=where.content)
    file = hook_file(where.content)
    script = SCRIPT.format(
        mark=MARK,
        python=_seen_from(folder, PYTHON),
        root=_seen_from(folder, ROOT),
        content=_seen_from(folder, where.content),
        site=_seen_from(folder, where.site),
        unchecked=shlex.quote(_("The letters are not checked: run make check once, where Ordet fritt lies.")),
    )
    if is_anothers(file):
        message = '"%(file)s" is another hook, and stays; add this line to it: %(line)s'
        raise CannotHook(message, file=file, line=_line(where))
    _write(file, script)
    return {"folder": folder, "file": file}


def hook_file(content: Path) -> Path:
    """Where git looks for the hook, which core.hooksPath may have moved."""
    hooks = git(content, "rev-parse", "--git-path", "hooks").rstrip("\n")
    return (content / hooks).resolve() / "pre-commit"


def is_ours(file: Path) -> bool:
    """Whether our hook stands there."""
    return file.is_file() and MARK in file.read_text(encoding="utf-8", errors="replace")


def is_anothers(file: Path) -> bool:
    """Whether a hook stands there that is not ours."""
    return (file.exists() or file.is_symlink()) and not is_ours(file)


def offer(where: Places, _: Gettext) -> None:
    """Ask whoever sits at the terminal once whether to install it; a no is remembered by the repository."""
    with contextlib.suppress(WordedError):
        _offer(where, _)


def _offer(where: Places, _: Gettext) -> None:
    if not sys.stdin.isatty() or top(where.content) is None or asked(where.content, "config", "ordetfritt.hook"):
        return
    file = hook_file(where.content)
    if is_ours(file) or is_anothers(file):
        return
    question = _("Shall letters be checked before each commit? You can also say yes later, with make hook. [y/n]")
    print(question, end=" ", flush=True)
    answer = sys.stdin.readline().strip().casefold()
    if answer in ("y", "yes", _("yes"), _("yes")[:1]):
        hook(where)
    elif answer:
        git(where.content, *REFUSED)


def _write(file: Path, script: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name("pre-commit.new")
        fresh.write_text(script, encoding="utf-8")
        fresh.chmod(0o755)
        fresh.replace(file)
    except OSError as error:
        raise CannotHook('"%(file)s" must be writable (%(why)s)', file=file, why=error.strerror) from None


def _line(where: Places) -> str:
    """What another's hook can call, whatever folder it is in."""
    paths = {"PYTHONPATH": ROOT, "CONTENT": where.content, "SITE": where.site}
    given = " ".join(f"{name}={shlex.quote(str(path))}" for name, path in paths.items())
    return f"{given} {shlex.quote(str(PYTHON))} -m builder check --staged || exit 1"


def _seen_from(folder: Path, path: Path) -> str:
    """The path for the shell: from the top of the working copy where it lies in it, so that a copy of it works too."""
    folder = folder.resolve()
    if path.is_relative_to(folder):
        return '"$top"/' + shlex.quote(str(path.relative_to(folder)))
    return shlex.quote(str(path))
