"""Taking over what stands in a database of Isso's: threads, comments and their states.

The given file is only read: Isso itself brings a copy of it up to date, and that copy is taken from.
"""

import hashlib
import hmac
import html
import json
import math
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import sqlalchemy as sa
from isso import config
from isso.db import SQLite3
from isso.views.comments import isurl

from comments import ledger
from comments.flags import marks
from comments.letters import LONGEST_NAME
from comments.moderation import Refused
from comments.reception import Reception, is_plain
from comments.storage import Storage, comments, threads
from comments.storage import ledger as ledger_rows
from common.threads import published_name

STATES = {1: "published", 2: "pending", 4: "disposed"}
"""Isso's modes; 4 is what it leaves of a deleted comment that others answer."""

WHO = "adopt"
ISSOS = {"id", "tid", "parent", "created", "mode", "remote_addr", "text", "author", "email", "website"}
"""Columns by which a table of comments is known to be Isso's."""

LIMITS = {
    str(column): cast(sa.String, column.type).length or 0
    for column in (threads.c.uri, threads.c.title, comments.c.author, comments.c.website, comments.c.text)
}
"""Characters that our columns hold."""

BEYOND = 253_402_300_800 - 2 * 86_400
"""Seconds since 1970: the year 10,000, which no calendar here can show, in any time zone."""
WAIT_SECONDS = 10
BATCH = 200
"""Comments in one transaction: who posts meanwhile waits for as long as one takes."""
COMMENTS = """
SELECT comments.*, threads.uri, threads.title
FROM comments LEFT JOIN threads ON threads.id = comments.tid ORDER BY comments.id
"""

Row = dict[str, Any]


@dataclass
class Adopted:
    """What became of it: numbers, and by Isso's numbers what was not taken, or not as it stood, and why."""

    threads: int = 0
    comments: int = 0
    already: int = 0
    not_taken: list[Row] = field(default_factory=list)
    remarks: list[Row] = field(default_factory=list)


class Unfit(Exception):
    """A comment that can't be taken; the message says why."""


def read(path: Path) -> tuple[str, list[Row]]:
    """The key by which Isso's database is known, and its comments with uri and title; Refused where it is none."""
    if not path.is_file():
        raise Refused(f"{path}: must be a database of Isso's (there is no such file)")
    with tempfile.TemporaryDirectory(prefix="adopt-") as folder:
        copy = Path(folder) / "isso.db"
        try:
            _copy(path, copy)
            key = _key(path, copy)
            SQLite3(str(copy), config.load(config.default_file()))
            with closing(sqlite3.connect(copy)) as connection:
                connection.row_factory = sqlite3.Row
                # Bytes that are no UTF-8 become lone surrogates, which no comment may hold.
                connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
                return key, [dict(row) for row in connection.execute(COMMENTS)]
        except (sqlite3.Error, RuntimeError) as error:
            raise Refused(f"{path}: must be a database of Isso's that can be read ({error})") from None


def _copy(path: Path, copy: Path) -> None:
    """By SQLite's own backup, which is whole even while Isso writes."""
    address = path.resolve().as_uri() + "?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, isolation_level=None)) as source:
        # Inside a transaction, which waits for whoever locks the file, and not for ever, as the backup would.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)


def _key(path: Path, copy: Path) -> str:
    """Isso's session key, random, made when its database was: before Isso could make up a new one in the copy."""
    with closing(sqlite3.connect(copy)) as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(comments)")}
        if not columns >= ISSOS:
            raise Refused(f"{path}: must be a database of Isso's (it has no such table of comments)")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SQLite3.MAX_VERSION:
            most = SQLite3.MAX_VERSION
            raise Refused(f"{path}: must be of Isso 0.14 or older (its version is {version}, not {most})")
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'preferences'").fetchone()
        row = known and connection.execute("SELECT value FROM preferences WHERE key = 'session-key'").fetchone()
    if not row or not row[0]:
        raise Refused(f"{path}: must have been opened by Isso 0.14 once (it lacks the key by which it is known again)")
    return str(row[0])


class Adoption:
    """Takes the comments of one database of Isso's; those that it has taken before are left as they are."""

    def __init__(self, storage: Storage, reception: Reception, site_url: str, anonymous: str) -> None:
        self.storage = storage
        self.reception = reception
        self.host = urlsplit(site_url).netloc
        self.anonymous = anonymous

    def take(self, key: str, rows: list[Row], progress: Callable[[int], object] = lambda done: None) -> Adopted:
        """Take what was not taken before; what breaks off goes on the next time. `progress` is told of each."""
        self.done = Adopted()
        self.key = key.encode()
        self.source = f"isso:{hashlib.sha256(b'adopted from ' + self.key).hexdigest()[:16]}:"
        by_id = {row["id"]: row for row in rows}
        marks = {row["id"]: self._mark(row) for row in rows}
        drafts = {row["id"]: draft for row in rows if (draft := self._draft(row))}
        tops = {id: _top(by_id, row) for id, row in by_id.items() if id in drafts}
        before, places = self._taken_before(), self._places()
        order = sorted(drafts, key=lambda id: _order(by_id, id, tops[id]))
        taken: dict[int, int] = {}
        for some in (order[first : first + BATCH] for first in range(0, len(order), BATCH)):
            with self.storage.transaction():
                for id in some:
                    self._tell_of_lost_parent(by_id[id], tops[id], drafts, taken)
                    known = before.get((id, drafts[id]["created"]))
                    if known:
                        taken[id] = known[0]
                        self._compare(id, marks[id], known[1])
                    else:
                        again = any(id == other for other, _created in before)
                        self._insert(id, drafts[id], tops[id], marks[id], again, taken, places)
                    progress(1)
        return self.done

    def _mark(self, row: Row) -> str:
        """By which a change in Isso is seen; keyed, so that nobody finds wiped words by trying."""
        said = [row[name] for name in ("uri", "parent", "created", "modified", "mode", "text", "author", "website")]
        told = json.dumps(said, default=repr).encode("utf-8", "surrogatepass")
        return hmac.new(self.key, told, hashlib.sha256).hexdigest()[:32]

    def _draft(self, row: Row) -> Row | None:
        """A comment's values in our columns, or None where it can't be taken, which is noted."""
        try:
            return self._values(row)
        except Unfit as unfit:
            self.done.not_taken.append({"comment": row["id"], "why": str(unfit)})
            return None

    def _values(self, row: Row) -> Row:
        uri = self._uri(row["uri"])
        state = STATES.get(row["mode"]) if isinstance(row["mode"], int) else None
        if state is None:
            raise Unfit(f"its mode must be 1, 2 or 4, not {row['mode']!r}")
        values = {
            "uri": uri,
            "title": _title(row["title"], uri),
            "state": state,
            "created": _time(row["created"], "created"),
            "modified": None if row["modified"] is None else _time(row["modified"], "modified"),
            "likes": _count(row["likes"]),
            "dislikes": _count(row["dislikes"]),
        }
        if state == "disposed":
            return values | {"author": None, "email": None, "website": None, "text": ""}
        return values | {
            "author": self._author(row["author"]),
            "email": self._email(row),
            "website": self._website(row),
            "text": _text(row["text"]),
        }

    def _uri(self, uri: Any) -> str:
        """The address of its thread as our letters have it: a path."""
        if not isinstance(uri, str):
            raise Unfit("its thread must have an address")
        try:
            parts = urlsplit(uri)
        except ValueError:
            raise Unfit(f'its thread\'s address must be a path like /2026/letter/, not "{_shown(uri)}"') from None
        path = (parts.path or "/") if parts.netloc and parts.netloc == self.host else uri
        if not path.startswith("/") or path.startswith("//") or not path.strip("/") or not is_plain(path):
            raise Unfit(f'its thread\'s address must be a path like /2026/letter/, not "{_shown(uri)}"')
        if len(path) > LIMITS["threads.uri"] or len(published_name(path).encode()) > LONGEST_NAME:
            raise Unfit(f'its thread\'s address must be shorter than "{_shown(uri)}"')
        return path

    def _author(self, author: Any) -> str:
        if not isinstance(author, str | None):
            raise Unfit("its writer's name must be text")
        name = html.unescape(author or "").strip()
        if len(name) > LIMITS["comments.author"]:
            raise Unfit(f"its writer's name must have at most {LIMITS['comments.author']} characters")
        if not is_plain(name, "\t"):
            raise Unfit("its writer's name must not hold characters that can't be shown")
        return name or self.anonymous

    def _email(self, row: Row) -> str | None:
        if not row["email"]:
            return None
        email = html.unescape(str(row["email"])).strip()
        if email and is_plain(email) and "email" not in self.reception.flaws("-", email, "---"):
            return email
        self._remark(row["id"], "its e-mail address is none and was left out")
        return None

    def _website(self, row: Row) -> str | None:
        if not row["website"]:
            return None
        website = html.unescape(str(row["website"])).strip()
        if len(website) <= LIMITS["comments.website"] and is_plain(website) and isurl(website):
            return website
        self._remark(row["id"], "its website's address is none and was left out")
        return None

    def _taken_before(self) -> dict[tuple[int, float], tuple[int, str]]:
        """What was taken of this database before: to our number, with the mark of then.

        By Isso's number and the moment of writing: Isso gives the number of a deleted comment to another one.
        """
        query = sa.select(comments.c.id, comments.c.created, comments.c.source, ledger_rows.c.note).outerjoin(
            ledger_rows, (ledger_rows.c.comment == comments.c.id) & (ledger_rows.c.what == "adopted")
        )
        query = query.where(comments.c.source.like(f"{self.source}%"))
        found = self.storage.execute(query)
        return {_known_by(row): (row.id, (row.note or "").rsplit(" ", 1)[-1]) for row in found}

    def _places(self) -> dict[str, tuple[str, int]]:
        """Our threads by the names of their files: address and number."""
        return {published_name(row.uri): (row.uri, row.id) for row in self.storage.execute(sa.select(threads))}

    def _compare(self, id: int, mark: str, mark_then: str) -> None:
        self.done.already += 1
        if mark != mark_then:
            self._remark(id, "it has changed in Isso since it was taken, and stays here as it is")

    def _tell_of_lost_parent(self, row: Row, top: int | None, drafts: dict[int, Row], taken: dict[int, int]) -> None:
        if not row["parent"] or top in taken:
            return
        why = "whose branch is broken" if row["parent"] in drafts else "which is not there"
        self._remark(row["id"], f"it answers comment {row['parent']}, {why}, and was taken at the top level")

    def _insert(
        self,
        id: int,
        draft: Row,
        top: int | None,
        mark: str,
        again: bool,
        taken: dict[int, int],
        places: dict[str, Any],
    ) -> None:
        uri, title = draft.pop("uri"), draft.pop("title")
        tid = self._thread(uri, title, places)
        if tid is None:
            name = places[published_name(uri)][0]
            why = f'its thread\'s address, "{_shown(uri)}", must not be so like "{_shown(name)}"'
            self.done.not_taken.append({"comment": id, "why": why})
            return
        parent = taken.get(top) if top is not None else None
        # Isso's sender is half an address, and its voters are known by those: neither can be compared with ours.
        new = draft | {"tid": tid, "parent": parent, "root": parent, "sender": "", "voters": b""} | marks(draft["text"])
        new["source"] = f"{self.source}{id}@{draft['created']}" if again else f"{self.source}{id}"
        number = self.storage.execute(comments.insert().values(new).returning(comments.c.id)).scalar_one()
        note = f"Isso's comment {id}, {mark}"
        ledger.record(self.storage, "adopted", WHO, None, new | {"id": number, "official": None}, note=note)
        taken[id] = number
        self.done.comments += 1

    def _thread(self, uri: str, title: str, places: dict[str, Any]) -> int | None:
        """Our thread at that address, made where it is new; None where its file would be another thread's."""
        name = published_name(uri)
        if name not in places:
            new = threads.insert().values(uri=uri, title=title).returning(threads.c.id)
            places[name] = uri, self.storage.execute(new).scalar_one()
            self.done.threads += 1
        return places[name][1] if places[name][0] == uri else None

    def _remark(self, id: int, why: str) -> None:
        self.done.remarks.append({"comment": id, "why": why})


def _known_by(row: Any) -> tuple[int, float]:
    return int(row.source.rsplit(":", 1)[1].split("@")[0]), row.created


def _top(rows: dict[int, Row], row: Row) -> int | None:
    """The top of the branch that a comment stands in, in its own thread; None for a top, or where that is lost."""
    passed = [row["id"]]
    for above in _above(rows, row):
        if above["tid"] != row["tid"] or above["id"] in passed:
            return None
        passed.append(above["id"])
    last = rows[passed[-1]]
    return None if last is row or last["parent"] else last["id"]


def _above(rows: dict[int, Row], row: Row) -> Iterator[Row]:
    while row["parent"] in rows:
        row = rows[row["parent"]]
        yield row


def _order(rows: dict[int, Row], id: int, top: int | None) -> tuple[float, bool, int]:
    """By time, because our lists go by number; but never before what it answers, whatever Isso's clock said."""
    created = float(rows[id]["created"])
    # A top that could not be taken has perhaps no time at all.
    above = rows[top]["created"] if top is not None else created
    later = max(created, above) if isinstance(above, int | float) else created
    return later, top is not None, id


def _title(title: Any, uri: str) -> str:
    fits = isinstance(title, str) and title.strip() and len(title) <= LIMITS["threads.title"] and is_plain(title)
    return title if fits else uri


def _time(seconds: Any, name: str) -> float:
    if isinstance(seconds, int | float) and math.isfinite(seconds) and 0 <= seconds < BEYOND:
        return float(seconds)
    raise Unfit(f'"{name}" must be a time in seconds since 1970, not {_shown(repr(seconds))}')


def _count(number: Any) -> int:
    return number if isinstance(number, int) and 0 <= number < 2**31 else 0


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise Unfit("its text must be text")
    if not text.strip():
        raise Unfit("its text must not be empty")
    if len(text) > LIMITS["comments.text"]:
        raise Unfit(f"its text must have at most {LIMITS['comments.text']} characters")
    if not is_plain(text, "\n\r\t"):
        raise Unfit("its text must not hold characters that can't be shown")
    return text


def _shown(text: str) -> str:
    """What may be printed of an address: plain, and not long."""
    plain = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
    return plain if len(plain) <= 100 else plain[:100] + "…"
