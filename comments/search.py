"""Search by words in all that was ever written: an index of the database's own, brought up to date from the ledger.

SQLite's FTS5 and PostgreSQL's tsvector, both without stems: a moderator who looks for a word finds that word, and
those that begin with it, on either. Nobody who posts waits for it; whoever searches has it brought up to date first.
"""

import re
import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from comments import readers
from comments.storage import Storage, comments, ledger

NAME = "search"
PATIENCE_SECONDS = 2.0
"""A search waits no longer for the index than this."""

MOST_WORDS, WORD_CHARACTERS = 10, 100
SAYS = ("received", "edited", "adopted", "replied", "disposed")
"""The rows of the ledger after which a comment says something else."""


@dataclass(frozen=True)
class Index:
    """How one kind of database looks words up, and has them put in and taken out."""

    word: str
    and_: str
    find: str
    take: str
    put: str


SQLITE = Index(
    '"{}"*',
    " ",
    "SELECT rowid AS id FROM words WHERE words MATCH :asked AND rowid < :before ORDER BY rowid DESC LIMIT :most",
    "DELETE FROM words WHERE rowid = :id",
    "INSERT INTO words (rowid, author, text) VALUES (:id, :author, :text)",
)
POSTGRESQL = Index(
    "'{}':*",
    " & ",
    "SELECT comment AS id FROM words WHERE words @@ to_tsquery('simple', :asked) AND comment < :before "
    "ORDER BY comment DESC LIMIT :most",
    "DELETE FROM words WHERE comment = :id",
    "INSERT INTO words (comment, words) VALUES (:id, to_tsvector('simple', :author || ' ' || :text))",
)


class Search:
    """The index of words."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.index = SQLITE if storage.engine.dialect.name == "sqlite" else POSTGRESQL

    def find(self, text: str, after: int | None, most: int) -> list[int]:
        """Numbers of the comments that hold all the words of a text, newest first; those before `after` alone."""
        words = [word[:WORD_CHARACTERS] for word in re.findall(r"\w+", text.casefold())[:MOST_WORDS]]
        if not words:
            return []
        asked = self.index.and_.join(self.index.word.format(word) for word in words)
        query = sa.text(self.index.find).bindparams(asked=asked, before=after or 2**62, most=most)
        return [row["id"] for row in self.storage.rows(query.columns(sa.column("id")))]

    def catch_up(self, patience: float = PATIENCE_SECONDS) -> bool:
        """Read on in the ledger, for `patience` seconds at most; whether the index is whole."""
        until = time.monotonic() + patience
        while not self._is_whole():
            if time.monotonic() > until:
                return False
            self._read_on()
        return True

    def keep_up(self, ended: threading.Event) -> None:
        """Read on to the end, or until `ended` is set."""
        while not ended.is_set() and not self._is_whole():
            self._read_on()
            ended.wait(readers.REST_SECONDS)

    def forget(self, id: int) -> None:
        """Take a comment's words out, in the running transaction."""
        self.storage.execute(sa.text(self.index.take), {"id": id})
        if self.index is SQLITE and sqlite3.sqlite_version_info < (3, 42):
            # It only marks them as gone; later versions are told to wipe them when the table is made.
            self.storage.execute(sa.text("INSERT INTO words (words) VALUES ('optimize')"))

    def _is_whole(self) -> bool:
        return readers.is_whole(self.storage, NAME)

    def _read_on(self) -> None:
        readers.read_on(self.storage, NAME, self._take)

    def _take(self, begin: int, end: int) -> None:
        new = (ledger.c.id > begin) & (ledger.c.id <= end) & ledger.c.what.in_(SAYS)
        told = sa.select(ledger.c.comment).distinct().where(new)
        said = sa.select(comments.c.id, comments.c.state, comments.c.author, comments.c.text)
        self._put(self.storage.rows(said.where(comments.c.id.in_(told))))

    def _put(self, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        self.storage.execute(sa.text(self.index.take), [{"id": row["id"]} for row in rows])
        values = [
            {"id": row["id"], "author": row["author"] or "", "text": row["text"]}
            for row in rows
            if row["state"] != "disposed"
        ]
        if values:
            self.storage.execute(sa.text(self.index.put), values)
