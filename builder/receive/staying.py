"""On the server: the builder that stays, which keeps the version that readers see up to date.

A comment costs what its pages cost, as it goes on from what it built last. That holds as long as nobody else has built
or shown anything since: pushes and rollbacks do so in processes of their own, in the same folders. Whoever builds has
the house's lock; what the lock is not held for is written nowhere but in DATA.
"""

import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from builder.places import ROOT, places
from builder.receive.building import environment, refresh, shortened, tell_built
from builder.receive.git import Git
from builder.receive.house import AGAIN_SECONDS, House, locked, read_house
from builder.receive.releases import Release, main_channel, renew, renew_files
from builder.receive.settle import settle
from builder.receive.talk import Say, clean, silent
from builder.report import Report
from builder.running import Running
from builder.sync import LIST
from plugins.memory import Stamp, stamp
from plugins.search import FOLDER
from plugins.wording import error_in_a_line


class Staying:
    """The builder of a house; `build` as often as there is something to do, and `go_on` after each."""

    def __init__(self, house: House, say: Say) -> None:
        self.house = house
        self.say = say
        self.channel, self.git = main_channel(house), Git(house.repository)
        self.running: Running | None = None
        self.at_hand: tuple[str, Stamp | None] | None = None
        """What readers see and was built last, as long as `running` has it at hand."""
        self.is_searchable = True

    def build(self, changed: Collection[str] | None) -> dict[str, Any]:
        """Show what main is, and build that again where these conversations' files, or with None anything, changed.

        With no files it only sees to it that what is shown is at hand. The table tells whether it went well ("ok"), and
        when there may be something to do next ("next_change", seconds since 1970 or None).
        """
        if self.running and (changed is None or changed):
            self.running.stop_searching()
        ok, next_change = False, None
        try:
            with locked(self.house, self.say) as lock:
                settle(self.house, self.git, lock, self.say)
                shown = self.channel.shown()
                ok = shown is None or self._is_built(shown, changed)
                next_change = next_look(self.house, shown) if shown else None
        except Exception as error:  # the disk is full, or something was removed: the site stays, and this goes on
            self.say(error_in_a_line(error, ROOT))
        return {"ok": ok, "errors": [], "ends": not ok, "next_change": next_change}

    def go_on(self, pipe: Connection) -> None:
        """Bring the index of the search, and write down what is remembered, in a process of its own."""
        if self.running and not self.is_searchable:
            self.is_searchable = True
            self.running.go_on(pipe, self._alone, AGAIN_SECONDS)

    def write_down(self) -> None:
        """Nothing: `go_on` does it, while nobody waits."""

    def end(self) -> None:
        """Leave nothing that runs."""
        if self.running:
            self.running.end()

    def _is_built(self, release: Release, changed: Collection[str] | None) -> bool:
        is_at_hand = self.at_hand == self._mark(release)
        if is_at_hand and changed is not None and not changed:
            return True
        self.at_hand = None  # until it is whole again
        if not is_at_hand and self.running:
            self.running.end()
            self.running = None
        begun = time.time()
        first = partial(self._bring_first, release)
        report = self.running.build_quickly(changed, first) if self.running and changed else None
        if report:
            self._bring(release, report, begun)
        elif not refresh(self.house, self.channel, self.git, release, self._build_all, self.say):
            return False
        self.at_hand, self.is_searchable = self._mark(release), False
        return True

    def _bring_first(self, release: Release, report: Report) -> None:
        """Bring the pages of letters before the lists are made, which takes the longer the more letters there are."""
        if report.changed == len(report.changed_files):
            renew_files(self.channel, release, report.changed_files)

    def _bring(self, release: Release, report: Report, begun: float) -> None:
        """Bring what a quick build has changed into a release."""
        if report.changed > len(report.changed_files):
            renew(self.channel, release)
        else:
            renew_files(self.channel, release, [*report.changed_files, LIST])
        release.note(begun=begun, next_change=report.next_change)
        tell_built(report.table(), self.say, self.house.words())

    def _build_all(self) -> dict[str, Any]:
        source = self.channel.work / "source"
        os.environ.update(environment(self.house, self.channel, is_public=True))
        os.chdir(source)  # findings name files as seen from there
        self.running = self.running or Running(places(), ROOT / self.channel.conf)
        return shortened(self.running.build_all().table(), source)

    def _mark(self, release: Release) -> tuple[str, Stamp | None]:
        """Another one as soon as another release is shown, or anybody else has brought a commit to be built."""
        return release.folder.name, stamp(self.channel.work / "tree.json")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """In the process of `go_on`: bring the index, and write down what is remembered, if it is still wanted."""
        with locked(self.house, silent):
            shown = self.channel.shown()
            if shown is None or self.running is None or self.at_hand != self._mark(shown):
                sys.exit()
            yield
            renew(self.channel, shown, FOLDER)
            renew_files(self.channel, shown, [LIST])
            self.running.write_down()


def next_look(house: House, release: Release) -> float | None:
    """When a build of the same source would be another, as far as that is known, in seconds since 1970."""
    table = release.table
    asked = float(table["begun"]) + AGAIN_SECONDS if house.is_remote else None
    return min((each for each in (table.get("next_change"), asked) if each is not None), default=None)


def begin(root: Path) -> Staying:
    """The builder of the house in that folder, which says on stdout what it does."""
    return Staying(read_house(root), say)


def say(text: str) -> None:
    """Print a line at once."""
    print(clean(text), flush=True)
