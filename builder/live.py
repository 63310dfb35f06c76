"""On the server: builds what is published again when a conversation changes or a letter's moment comes.

It is the same Clock and the same builder that stays as elsewhere; what it adds is where: in the release that readers
see, file by file, so that the cost is that of what changed, and a rollback or a push is not undone. This process
watches; the one that builds (builder.receive.staying) is started anew when it was killed, or program or settings are
others.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from builder.apart import Builder
from builder.folders import bursts
from builder.receive.house import AGAIN_SECONDS, House, read_house
from builder.receive.releases import main_channel
from builder.receive.talk import clean
from builder.watch import Clock, last_written, program_stamps

MOST_FILES = 50
"""Of one burst; of more the system may have lost some, and looking at everything is quicker."""
SERVER = "/srv/ordetfritt"

Files = frozenset[str] | None


def live(root: Path) -> int:
    """Attend to the house in that folder until SIGTERM; 1 where there is none."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C, by way of every `finally`
    house, clock = read_house(root), Clock()
    _ = house.words()
    if not house.repository.is_dir():
        message = _('SERVER must be a folder that "deploy/receive setup" has made; "%(folder)s" is none')
        print(message % {"folder": root}, file=sys.stderr)
        return 1
    builder, program = Builder("builder.receive.staying", root, house.words), program_stamps()
    try:
        while True:
            for files in occasions(read_house(root), clock):
                before, program = program, program_stamps()
                if program != before:
                    builder.end()
                attend(builder, files, clock)
            builder.end()
    except KeyboardInterrupt:
        return 0
    finally:
        builder.end()


def attend(builder: Builder, files: Files, clock: Clock) -> None:
    """Have these conversations built, or with None everything, and set the clock to when that may be needed next."""
    table = builder.build(files)
    if table.get("killed"):
        _say(table["errors"])
        table = builder.build(None)
    _say(table["errors"])
    clock.set(table)
    if not table["ok"]:
        clock.next = time.time() + AGAIN_SECONDS


def occasions(house: House, clock: Clock) -> Iterator[Files]:
    """Yield the conversations' files that were published since the last time, until the settings are others.

    None is for everything: at first, at each stroke of the clock, and when it isn't known what has changed. No file at
    all is for looking whether another version is to be shown.
    """
    seen, published = _stamps(house), 0
    folder = Path(house.conversations)
    for found in bursts(house.root, folder, recursive=False):
        with contextlib.suppress(OSError):  # what can't be read right now changes nothing
            if read_house(house.root) != house:
                return
        names = [path for path in found or () if Path(path).parent == folder]
        files = frozenset(name for name in names if name.endswith(".json"))
        (before, seen), (earlier, published) = (seen, _stamps(house)), (published, _published(house))
        is_unknown = published != earlier and not names  # the system tells nothing of folders on other machines
        if found is None or is_unknown or len(files) > MOST_FILES or clock.strikes():
            yield None
        elif files or seen != before:
            yield files


def _stamps(house: House) -> tuple[object, ...]:
    """What tells that another version may have to be shown: the link, main, a rollback."""
    shown = main_channel(house).shown()
    files = ("site.git/refs/heads/main", "site.git/packed-refs", "rolled-back.json")
    return shown and shown.folder, *(last_written(house.root / name) for name in files)


def _published(house: House) -> int:
    """When a conversation was last published: each is renamed into the folder, whose own date that changes."""
    return 0 if house.is_remote else last_written(Path(house.conversations))


def _say(lines: list[str]) -> None:
    for line in lines:
        print(clean(line), flush=True)


def root_of_server() -> Path:
    """The folder that SERVER names."""
    return Path(os.environ.get("SERVER") or SERVER).resolve()
