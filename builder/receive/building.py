"""Builds a commit into a release, and tells the person who waits how far it is."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from builder.places import ROOT
from builder.receive.git import Git
from builder.receive.house import SITE, House
from builder.receive.releases import Channel, Release, freeze, renew
from builder.receive.talk import MOST_LINES, Say, say_lines
from builder.receive.tree import FOLDERS, tree_faults, tree_remarks, write_source
from common.facts import read_facts
from plugins.wording import ENDED, Gettext

Build = Callable[[], dict[str, Any]]
"""Builds work/source into work/site; gives the report as a table, whatever happens."""

PATIENCE_SECONDS = 5
"""After which it is said that the build still goes on."""
MOST_ADVICE = 10


def make_release(house: House, channel: Channel, git: Git, commit: str, lock: int, say: Say) -> Release | None:
    """A new release of the commit; None where that can't be, and what is to be put right has been said."""
    build = partial(build_site, house, channel, lock, say)
    table = _built(house, channel, git, commit, build, say, remarks=True)
    return freeze(channel, table) if table else None


def refresh(house: House, channel: Channel, git: Git, release: Release, build: Build, say: Say) -> bool:
    """Build a release again where it stands, as conversations or the time have changed; whether it could be built."""
    table = _built(house, channel, git, release.commit, build, say)
    if table:
        renew(channel, release)
        release.note(**table)
    return table is not None


def _built(
    house: House, channel: Channel, git: Git, commit: str, build: Build, say: Say, remarks: bool = False
) -> dict[str, Any] | None:
    """Bring a commit to work/source and build it into work/site; what a release of it is told by, None with faults."""
    entries, _ = git.entries(commit), house.words()
    if faults := list(tree_faults(entries, _)):
        say_lines(faults, say, _)
        return None
    if remarks:
        say_lines(list(tree_remarks(entries, _)), say, _, MOST_ADVICE)
    channel.work.mkdir(parents=True, exist_ok=True)
    write_source(git, entries, channel.work)
    begun = time.time()
    report = build()
    tell(report, say, house.words())
    if not report["ok"]:
        return None
    facts = read_facts(channel.work / "source" / SITE)
    told = {"commit": commit, "begun": begun, "next_change": report["next_change"]}
    return told | {"url": facts.url, "time_zone": facts.time_zone}


def build_site(house: House, channel: Channel, lock: int, say: Say, is_public: bool = False) -> dict[str, Any]:
    """Build work/source into work/site in a process of its own; the report as builder.told prints it."""
    source, _ = channel.work / "source", house.words()
    _share_pictures(house, Path(channel.environment["DATA"]))
    process = subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-P", "-m", "builder.told", channel.conf],
        cwd=source,
        env=environment(house, channel, is_public),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[lock],  # should this process be killed, the next one waits for the build to end
    )
    try:
        printed, told = _wait(process, say, _)
    finally:
        process.kill()
        process.wait()
    try:
        report: dict[str, Any] = json.loads(printed)
    except ValueError:
        lines = told.decode("utf-8", "replace").splitlines()[-5:]
        faults = [*lines, _(ENDED) % {"code": process.returncode}]
        return {"ok": False, "faults": faults, "warnings": [], "findings": []}
    return shortened(report, source)


def _wait(process: "subprocess.Popen[bytes]", say: Say, _: Gettext) -> tuple[bytes, bytes]:
    say(_("Checking and building the site …"))
    began = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=PATIENCE_SECONDS)
        say(_("Still building, after %(seconds)d s …") % {"seconds": time.monotonic() - began})


def environment(house: House, channel: Channel, is_public: bool) -> dict[str, str]:
    """The variables of a build: its own places, and none of those by which git speaks to its hooks.

    With RENEWAL it is of a version that is public already, and is stopped by no day that has passed since.
    """
    source = channel.work / "source"
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    theme = source / FOLDERS[1]
    return own | {
        "PYTHONPATH": str(ROOT),
        "CONTENT": str(source / FOLDERS[0]),
        "SITE": str(source / SITE),
        "THEME": house.settings.get("THEME") or str(theme if theme.is_dir() else ROOT / "theme"),
        "OUTPUT": str(channel.work / "site"),
        "CONVERSATIONS": house.conversations,
        "RENEWAL": "1" if is_public else "",
        **channel.environment,
    }


def _share_pictures(house: House, data: Path) -> None:
    """Let a preview use the pictures that were made for the published site; they are named by what they hold."""
    if data != house.data:
        data.mkdir(parents=True, exist_ok=True)
        (house.data / "pictures").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            (data / "pictures").symlink_to(house.data / "pictures")


def shortened(report: dict[str, Any], source: Path) -> dict[str, Any]:
    """A report with files' paths as the person who pushed knows them."""
    lines = {name: [line.replace(f"{source}{os.sep}", "") for line in report[name]] for name in ("faults", "warnings")}
    return report | lines


def tell(report: Mapping[str, Any], say: Say, _: Gettext) -> None:
    """Say what must be put right, what might be, and how it went."""
    say_lines(report["faults"], say, _, MOST_LINES)
    say_lines(report["warnings"], say, _, MOST_LINES)
    advice = ["{file}:{line}: {message}".format_map(each) for each in report["findings"] if each["level"] == "advice"]
    say_lines([line for line in advice if line not in report["warnings"]], say, _, MOST_ADVICE)
    if report.get("unread"):
        say(_("Texts that there is no advice on yet: %(unread)d. The next builds read them.") % report)
    if report["ok"]:
        tell_built(report, say, _)


def tell_built(report: Mapping[str, Any], say: Say, _: Gettext) -> None:
    """Say how it went."""
    say(_("Built in %(seconds).1f s. Letters: %(letters)d, pages: %(pages)d, comments: %(comments)d.") % report)
