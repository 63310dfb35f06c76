"""The watched folders, and whether they are still the ones that were: a watch is on a folder, not on its name."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from watchfiles import Change
from watchfiles import watch as changes
from watchfiles._rust_notify import WatchfilesRustInternalError

GATHER_MS = 80
"""How long changes are gathered before a build, as an editor or git writes several files at once."""
LOOK_UP_MS = 300


def bursts(
    *paths: Path, recursive: bool = True, matters: Callable[[Change, str], bool] | None = None
) -> Iterator[frozenset[str] | None]:
    """Yield the files below these folders that have changed, none of them every now and then; without end.

    None is for anything: at first, and whenever one of the folders is another than it was.
    """
    while True:
        # A folder may go in the moment between being looked at and being watched; then look again.
        # What has a name that is no UTF-8 can't be told of by the library: then anything may have changed.
        with suppress(FileNotFoundError, WatchfilesRustInternalError), Folders(*paths) as folders:
            yield from _bursts_in(folders, recursive, matters)


def _bursts_in(
    folders: "Folders", recursive: bool, matters: Callable[[Change, str], bool] | None
) -> Iterator[frozenset[str] | None]:
    """Those until one of the folders is another than it was: the watch is on what has gone."""
    is_first = True
    for found in changes(
        *folders.present(),
        recursive=recursive,
        watch_filter=matters,
        debounce=GATHER_MS,
        step=GATHER_MS // 2,
        rust_timeout=LOOK_UP_MS,
        yield_on_timeout=True,
    ):
        if folders.replaced():
            return
        yield None if is_first else frozenset(path for _change, path in found)
        is_first = False


class Folders:
    """Holds the folders open meanwhile, so that no new one can get the inode number of one that has gone."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    def __enter__(self) -> "Folders":
        self.held = [os.open(path, os.O_RDONLY) for path in self.paths if path.is_dir()]
        self.identities = [_identity(path) for path in self.paths]
        return self

    def __exit__(self, *_error: object) -> None:
        for number in self.held:
            os.close(number)

    def present(self) -> list[Path]:
        """Those that were there at first."""
        return [path for path, identity in zip(self.paths, self.identities, strict=True) if identity]

    def replaced(self) -> bool:
        """Whether one has come, gone, or been put in another's place (by git, or by rename)."""
        return self.identities != [_identity(path) for path in self.paths]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
