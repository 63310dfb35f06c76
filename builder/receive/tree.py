"""The files of a commit that make a site: what is wrong with them before any is written, and writing them."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from builder.places import ROOT
from builder.receive.git import SUBMODULE, SYMLINK, Entry, Git
from builder.receive.house import SITE, write_json
from builder.sync import remove
from plugins.wording import Gettext

FOLDERS = ("content", "theme")
MOST_FILES = 50_000
MOST_BYTES = 100_000_000
"""Of one file; a letter or a camera's picture is far below."""
NAME_BYTES = 255
PROGRAM = ("builder", "common", "locale", "plugins", "branchconf.py", "pelicanconf.py", "publishconf.py")
"""What the server has of its own, and never takes from a push."""

_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f-\x9f\\\\\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


def site_entries(entries: list[Entry]) -> list[Entry]:
    """Those of which a site is made: content/, theme/ and site.toml."""
    return [entry for entry in entries if entry.path == SITE or entry.path.split("/")[0] in FOLDERS]


def tree_faults(entries: list[Entry], _: Gettext) -> Iterator[str]:
    """What must be otherwise in these files, in words for the person who pushed them."""
    roots = {entry.path.split("/")[0] for entry in entries if "/" in entry.path}
    if not entries:
        yield _("There are no files in what you pushed; commit the site first.")
        return
    if "content" not in roots:
        yield _('There must be a folder "content" with letters in what you pushed; there is none.')
    if not any(entry.path == SITE for entry in entries):
        yield _('There must be a file "site.toml" in what you pushed; there is none.')
    wanted = site_entries(entries)
    if len(wanted) > MOST_FILES:
        message = _("There must be at most %(most)d files in a site; what you pushed has %(number)d.")
        yield message % {"most": MOST_FILES, "number": len(wanted)}
        return
    for entry in wanted:
        if fault := _fault(entry, _):
            yield f"{entry.path}: {fault}"


def _fault(entry: Entry, _: Gettext) -> str | None:
    if _NOT_IN_NAMES.search(entry.path):
        return _("the name must be plain letters, digits and signs in UTF-8; give the file another name")
    if any(part in ("", ".", "..") or len(part.encode()) > NAME_BYTES for part in entry.path.split("/")):
        return _("the name can't be used on the server; give the file another, shorter name")
    if entry.mode == SYMLINK:
        return _("must be a file, not a link to one; put the file itself there")
    if entry.mode == SUBMODULE:
        return _("must be a folder of its own, not another git repository; put its files there")
    if entry.size > MOST_BYTES:
        named = {"most": MOST_BYTES // 1_000_000, "number": entry.size // 1_000_000}
        return _("must have at most %(most)d MB, not %(number)d MB") % named
    return None


def tree_remarks(entries: list[Entry], _: Gettext) -> Iterator[str]:
    """What is worth a word but stops nothing: code that is not taken."""
    others = sorted(entry.path for entry in entries if _is_program(entry) and _differs(entry))
    if others:
        message = _(
            "The server builds with the program installed there. What you pushed has another %(files)s; "
            "whoever runs the server brings that in."
        )
        yield message % {"files": ", ".join(others[:3]) + (" …" if len(others) > 3 else "")}


def _is_program(entry: Entry) -> bool:
    return entry.path.split("/")[0] in PROGRAM and entry.mode not in (SYMLINK, SUBMODULE)


def _differs(entry: Entry) -> bool:
    """Whether the program has another file there, by git's name for what it holds."""
    try:
        content = (ROOT / entry.path).read_bytes()
    except OSError:
        return True
    kind = "sha1" if len(entry.name) == 40 else "sha256"
    return hashlib.new(kind, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() != entry.name


def write_source(git: Git, entries: list[Entry], work: Path) -> None:
    """Make work/source hold the files of a site, and work/tree.json tell what they hold.

    Only files that differ are written, so that a build knows by their dates what has changed.
    """
    source, told = work / "source", work / "tree.json"
    known, wanted = _tree(told), {entry.path: entry.name for entry in site_entries(entries)}
    if not known:  # the first time, or it was left half written
        shutil.rmtree(source, ignore_errors=True)
    told.unlink(missing_ok=True)
    for name in known.keys() - wanted.keys():
        remove(source, name)
    for entry, content in git.contents(each for each in site_entries(entries) if known.get(each.path) != each.name):
        path = source / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = source / ".new"
        fresh.write_bytes(content)
        fresh.replace(path)
    write_json(told, wanted)


def _tree(told: Path) -> Mapping[str, str]:
    try:
        table: Mapping[str, str] = json.loads(told.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return table
