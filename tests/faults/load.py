"""Clients that post at the same time and remember every answer, and what must be true afterwards."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import sqlalchemy as sa

from comments import ledger
from comments.storage import Storage, comments
from tests.faults.serving import Moderator, Visitor, wait_until

CLIENTS = 8
_numbers = itertools.count(1)


class Load:
    """What was sent and what became of it; `moderator` approves as the comments come."""

    def __init__(self) -> None:
        self.name = next(_numbers)
        self.taken: list[tuple[int, str]] = []
        """Every acknowledged comment: the id that was told, and the words that were sent."""
        self.refused: list[str] = []
        """Words that were answered with 503: try again in a while."""
        self.unanswered: list[str] = []
        self.errors: list[str] = []
        """What was met instead of an answer."""
        self.others: list[tuple[int, str]] = []
        """Any other answer, which nobody should get: its status and body."""
        self.approved: list[int] = []
        self.ended = threading.Event()

    def keep_posting(self, port: int, client: int) -> None:
        """Post until the end, or until no answer comes; each time in words of one's own."""
        visitor = Visitor(port)
        for number in itertools.count():
            if self.ended.is_set() or not self.send(visitor, f"Omgång {self.name}, klient {client}, inlägg {number}"):
                break
        visitor.close()

    def send(self, visitor: Visitor, text: str) -> bool:
        """Post once and note what became of it; whether there was an answer."""
        try:
            answer = visitor.post(text)
        except (OSError, HTTPException) as error:
            self.unanswered.append(text)
            self.errors.append(f"{text}: {error!r}")
            return False
        if answer.status == 202:
            self.taken.append((answer.json["id"], text))
        elif answer.status == 503:
            self.refused.append(text)
        else:
            self.others.append((answer.status, answer.text))
        return True

    def keep_approving(self, moderator: Moderator) -> None:
        """Approve every fifth comment, until the end or until no answer comes."""
        for number in itertools.count(step=5):
            while len(self.taken) <= number:
                if self.ended.wait(0.01):
                    return
            try:
                if moderator.approve(self.taken[number][0]) == 302:
                    self.approved.append(self.taken[number][0])
            except (OSError, HTTPException):
                return

    def wait_for(self, more: int) -> None:
        """Wait until that many more comments have been acknowledged."""
        until = len(self.taken) + more
        wait_until(lambda: len(self.taken) >= until or self.ended.is_set(), f"{more} more acknowledged comments")

    def send_again(self, port: int) -> None:
        """Do what everybody does who was told to, or got no answer: send the same words once more."""
        again, self.refused, self.unanswered = self.refused + self.unanswered, [], []
        visitor = Visitor(port)
        for text in again:
            self.send(visitor, text)
        visitor.close()
        assert not self.refused and not self.unanswered, "what is sent again must be taken"


@contextmanager
def posting(ports: Sequence[int], clients: int = CLIENTS, moderator: Moderator | None = None) -> Iterator[Load]:
    """Have clients post over some processes for as long as the body runs; nobody may meet a 500."""
    load = Load()
    with ThreadPoolExecutor(clients + 1) as pool:
        tasks = [pool.submit(load.keep_posting, ports[each % len(ports)], each) for each in range(clients)]
        tasks += [pool.submit(load.keep_approving, moderator)] if moderator else []
        try:
            yield load
        finally:
            load.ended.set()
    for task in tasks:
        task.result()
    assert load.others == [], "every answer must be 202 or 503"


def check_all_is_there(storage: Storage, *loads: Load) -> None:
    """Everything that was acknowledged is there once, in its own words; nothing else is; the ledger is whole."""
    stored = {row["id"]: row["text"] for row in storage.rows(sa.select(comments.c.id, comments.c.text))}
    taken = [pair for load in loads for pair in load.taken]
    assert [(id, text, stored.get(id)) for id, text in taken if stored.get(id) != text] == []
    assert [text for text, times in Counter(stored.values()).items() if times > 1] == []
    assert set(stored.values()) == {text for _, text in taken}
    assert ledger.verify(storage).fault is None


def check_approved(storage: Storage, published: Path, *loads: Load) -> None:
    """What was approved is so, and the published file comes to show just that."""
    query = sa.select(comments.c.id).where(comments.c.state == "published")
    shown = {row["id"] for row in storage.rows(query)}
    assert {id for load in loads for id in load.approved} <= shown
    wait_until(lambda: published_ids(published) == shown, "a published file with every approved comment")


def published_ids(folder: Path) -> set[int]:
    """The ids in all published conversations; each file must be whole, the statistics' too."""
    files = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return {comment["id"] for file in files for comment in file.get("comments", [])}
