"""On the server: builds what is published again when a conversation changes or a letter's moment comes.

It is the same Clock and the same build as elsewhere; what it adds is where: in the release that readers see, file by
file, so that the cost is that of what changed, and a rollback or a push is not undone.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from watchfiles import watch as changes

from builder.places import ROOT
from builder.receive.building import refresh
from builder.receive.git import Git
from builder.receive.house import House, locked, read_house
from builder.receive.releases import Release, main_channel
from builder.receive.settle import settle
from builder.receive.talk import Say, clean
from builder.watch import GATHER_MS, LOOK_UP_MS, Clock
from plugins.wording import error_in_a_line

AGAIN_SECONDS = 60
"""After which a build that failed is tried again, and conversations are read anew that lie at an address."""
COARSE_SECONDS = 0.05
"""By how much a file system's clock may be behind."""
SERVER = "/srv/ordetfritt"


def live(root: Path) -> int:
    """Attend to the house in that folder until SIGTERM; 1 where there is none."""
    signal.signal(signal.SIGTERM, _leave)
    house, clock = read_house(root), Clock()
    _ = house.words()
    if not house.repository.is_dir():
        message = _('SERVER must be a folder that "deploy/receive setup" has made; "%(folder)s" is none')
        print(message % {"folder": root}, file=sys.stderr)
        return 1
    for _occasion in occasions(house, clock):
        try:
            attend(house, clock, _say)
        except Exception as error:  # the disk is full, or something was removed: the site stays, and this goes on
            _say(error_in_a_line(error, ROOT))
            clock.next = time.time() + AGAIN_SECONDS
    return 0


def attend(house: House, clock: Clock, say: Say) -> None:
    """Show what main is, build that again where it is behind, and set the clock to when that may be next."""
    channel, git = main_channel(house), Git(house.repository)
    with locked(house, say) as lock:
        settle(house, git, lock, say)
        shown = channel.shown()
        if shown and is_behind(house, shown) and not refresh(house, channel, git, shown, lock, say):
            clock.next = time.time() + AGAIN_SECONDS
        elif shown:
            clock.set({"next_change": next_look(house, shown)})


def is_behind(house: House, release: Release) -> bool:
    """Whether a build of the same source would be another by now."""
    due, begun = next_look(house, release), float(release.table["begun"])
    return (due is not None and time.time() >= due) or _conversations_changed(house) > begun - COARSE_SECONDS


def next_look(house: House, release: Release) -> float | None:
    """When it will be behind, as far as that is known, in seconds since 1970."""
    table = release.table
    asked = float(table["begun"]) + AGAIN_SECONDS if _is_remote(house) else None
    return min((each for each in (table.get("next_change"), asked) if each is not None), default=None)


def _is_remote(house: House) -> bool:
    return house.conversations.startswith(("http://", "https://"))


def _conversations_changed(house: House) -> float:
    """When a conversation was last published: each is renamed into the folder, whose own date that changes."""
    try:
        return 0.0 if _is_remote(house) else Path(house.conversations).stat().st_mtime
    except OSError:
        return 0.0


def occasions(house: House, clock: Clock) -> Iterator[None]:
    """Yield now, whenever something may have changed, and at each stroke of the clock."""
    seen: object = None
    folders = [each for each in (house.root, Path(house.conversations)) if each.is_dir()]
    for _found in changes(
        *folders,
        recursive=False,
        debounce=GATHER_MS,
        step=GATHER_MS // 2,
        rust_timeout=LOOK_UP_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    ):
        before, seen = seen, _stamps(house)
        if seen != before or clock.strikes():
            yield  # what changes meanwhile differs from `seen`, and is seen the next time


def _stamps(house: House) -> tuple[object, ...]:
    """What tells that there may be something to do: the link, main, a rollback, the conversations' folder."""
    shown = main_channel(house).shown()
    files = ("site.git/refs/heads/main", "site.git/packed-refs", "rolled-back.json")
    dates = [(house.root / name).stat().st_mtime_ns if (house.root / name).exists() else 0 for name in files]
    return shown and shown.folder, *dates, _conversations_changed(house)


def _say(text: str) -> None:
    print(clean(text), flush=True)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)  # by way of every `finally`, so that no build runs on


def root_of_server() -> Path:
    """The folder that SERVER names."""
    return Path(os.environ.get("SERVER") or SERVER).resolve()
