"""What reads on in the ledger beside the requests, a batch at a time: the index of words, the statistics."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

import sqlalchemy as sa

from comments.storage import Storage, StorageBusy, ledger, positions

logger = logging.getLogger(__name__)

BATCH = 500
REST_SECONDS = 0.01
"""Between two batches, so that whoever waits to write has a turn."""


class Reader(Protocol):
    """Something that is made from the ledger."""

    def keep_up(self, ended: threading.Event) -> None:
        """Read on to the ledger's end, or until `ended` is set."""


def is_whole(storage: Storage, name: str) -> bool:
    """Whether the reader of that name has read all of the ledger."""
    read, last = place(storage, name)
    return read >= last


def place(storage: Storage, name: str) -> tuple[int, int]:
    """The row that was read last, and the last there is; 0 for none."""
    read = sa.select(positions.c.row).where(positions.c.name == name).scalar_subquery()
    last = sa.select(sa.func.max(ledger.c.id)).scalar_subquery()
    row = storage.rows(sa.select(read.label("read"), last.label("last")))[0]
    return row["read"] or 0, row["last"] or 0


def read_on(storage: Storage, name: str, take: Callable[[int, int], None]) -> int:
    """Let `take` have the next rows, those after its first number and up to its second; gives how many.

    One transaction: no other process takes the same rows, and none is lost.
    """
    with storage.transaction():
        begin = _position(storage, name)
        newest = sa.select(sa.func.max(ledger.c.id)).where(ledger.c.id <= begin + BATCH)
        end = int(storage.execute(newest).scalar() or 0)
        if end > begin:
            take(begin, end)
            move(storage, name, end)
    return max(0, end - begin)


def move(storage: Storage, name: str, row: int) -> None:
    """Note how far a reader has read."""
    storage.execute(positions.update().where(positions.c.name == name).values(row=row))


def _position(storage: Storage, name: str) -> int:
    """How far a reader has read; nobody else reads on until the running transaction ends."""
    kept = storage.execute(sa.select(positions.c.row).where(positions.c.name == name).with_for_update()).scalar()
    if kept is None:
        storage.execute(positions.insert().values(name=name, row=0))
    return int(kept or 0)


def keep_up(readers: Sequence[Reader], ended: threading.Event, seconds: float = 5.0) -> None:
    """Let each read on, now and again and again until `ended` is set, whatever becomes of the others."""
    while not ended.is_set():
        for reader in readers:
            try:
                reader.keep_up(ended)
            except (StorageBusy, OSError) as error:
                logger.warning("%s could not read on (%s); it is tried again", type(reader).__name__, error)
            except Exception:
                logger.exception("%s could not read on; it is tried again", type(reader).__name__)
        ended.wait(seconds)
