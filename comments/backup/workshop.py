"""A folder for half-made files beside the place where they shall stand: for its owner alone, gone in the end."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comments.moderation import Refused

HOLDING = ("comments", "feedback", "accounts", "outbox")
"""Tables that nobody wants to lose a row of; a database where they are empty is a new one."""


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """The folder, empty. What a killed process left in it is removed; Refused while another works in it."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Refused(f"{folder.parent}: must be a folder that can be written to ({error.strerror})") from None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for old in folder.iterdir():
            old.unlink()
        yield folder
        shutil.rmtree(folder)
    except BlockingIOError:
        raise Refused(f"{folder}: another backup or restore is at work here; wait for it") from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(number)


def to_disk(path: Path) -> None:
    """Have a file's content, or a folder's names, on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
