"""A database as after many years: comments by the hundred thousand, each with its edition and its ledger rows.

Usage: python -m tests.bench.crowd URL NUMBER
"""

import hashlib
import random
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from itertools import product
from typing import Any

import sqlalchemy as sa
from tqdm import tqdm

from comments.flags import marks
from comments.ledger import AUTHOR, BEGINNING, SAID, chained, digest
from comments.rendering import Renderer
from comments.settings import SettingsError
from comments.storage import Storage, comments, editions, ledger, threads

BATCH = 10_000
IN_THREAD = 50
EACH_WRITER = 10
MODERATOR = "granskare@lindhamn.example"
FIRST, LAST = 1.46e9, 1.76e9
"""When the first and the last comment were written: 2016 to 2025, in seconds since 1970."""

Outcome = tuple[str, str | None, str | None]
OUTCOMES: list[Outcome] = [("published", "approved", None)] * 93
OUTCOMES += [("declined", "declined", "regel-1")] * 5 + [("hidden", "hidden", "regel-2")] * 2
"""What becomes of a hundred comments: their state, the last decision and its reason."""

OPENINGS = (
    "Tack för brevet!",
    "Jag bor i Väst sedan tjugo år.",
    "Som förälder vill jag säga en sak.",
    "Bra skrivet, men det räcker *inte*.",
    "Jag håller med om det mesta.",
    "Det här har vi hört förut.",
    "En fråga till er som bestämmer:",
    "Jag arbetar själv i hemtjänsten.",
    "Äntligen någon som skriver rakt på sak.",
    "Vi är många i föreningen som undrar:",
)
MATTERS = tuple(
    f"{what} {wish}"
    for what, wish in product(
        ("Bussen till Hamnen", "Skolan vid torget", "Biblioteket", "Badet", "Gångvägen längs ån"),
        (
            "borde få mer pengar nästa år, och det är **ni** som beslutar om det.",
            "har blivit bättre, men på kvällen fungerar det fortfarande inte som ni har lovat.",
            "nämns inte med ett ord. Varför?\n\nDet är dit barnen går varje dag.",
            "är det bästa som har hänt här, se [förra brevet](https://ordetfritt.lindhamn.example/).",
        ),
    )
)
TEXTS = [f"{opening} {matter}" for opening, matter in product(OPENINGS, MATTERS)]

Row = dict[str, Any]
Rows = dict[sa.Table, list[Row]]


def fill(url: str | sa.URL, number: int, in_thread: int = IN_THREAD, rendered: bool = True) -> None:
    """Fill an empty database with `number` comments, about `in_thread` under each letter.

    Their texts are 200 in all, kept as html like what was published before; with `rendered` False each text
    is another, and none was ever rendered. SettingsError where there are comments already.
    """
    with closing(Storage(url)) as storage, storage.engine.connect() as connection:
        if connection.execute(sa.select(comments.c.id).limit(1)).first():
            raise SettingsError("URL must be of an empty database, and this one has comments")
        server = connection.dialect.name == "postgresql"
        # It is made anew after a power cut: this connection alone waits for no disk.
        for setting in ["synchronous_commit = off"] if server else ["synchronous = OFF", "cache_size = -200000"]:
            connection.exec_driver_sql(f"{'SET' if server else 'PRAGMA'} {setting}")
        with tqdm(total=number, unit=" comments", disable=None) as bar:
            for rows in Crowd(number, in_thread, rendered).batches():
                for table in (threads, comments, editions, ledger):
                    (_copy if server else _insert)(connection, table, rows[table])
                bar.update(len(rows[comments]))
        _finish(connection, server)
        connection.invalidate()


def letters(url: str | sa.URL) -> list[Row]:
    """The letters that the threads belong to, as letters.json names them."""
    with closing(Storage(url)) as storage:
        found = storage.rows(sa.select(threads.c.uri, threads.c.title).order_by(threads.c.id))
    return [{**row, "lang": "sv", "comments": "open"} for row in found]


def writer(number: int) -> str:
    """The e-mail address of a writer, who has about ten comments."""
    return f"invanare{number}@lindhamn.example"


class Crowd:
    """Makes the rows, in the order in which they would have come."""

    def __init__(self, number: int, in_thread: int, rendered: bool) -> None:
        self.number = number
        self.in_thread = in_thread
        self.renderer = Renderer() if rendered else None
        self.chance = random.Random(number)
        self.waiting = min(number, 200 + number // 1000)
        self.threads = 0
        self.rows = 0
        self.head = BEGINNING

    def batches(self) -> Iterator[Rows]:
        """All rows, those of some ten thousand comments at once. Letters take comments while they are new."""
        for first in range(0, self.number, BATCH):
            numbers = range(first, min(first + BATCH, self.number))
            open_letters = max(1, len(numbers) // self.in_thread)
            made: Rows = {table: [] for table in (threads, comments, editions, ledger)}
            made[threads] = [self._thread() for _ in range(open_letters)]
            published: dict[int, list[Row]] = {row["id"]: [] for row in made[threads]}
            for number in numbers:
                thread = made[threads][number % open_letters]["id"]
                row, what, reason = self._comment(number, thread, published[thread])
                made[comments].append(row)
                said = {name: row[name] for name in SAID} | {"salt": self.chance.randbytes(16).hex()}
                made[editions].append({"id": row["id"], "comment": row["id"], **said})
                made[ledger] += self._history(row, what, reason, digest({**row, **said}))
                if row["state"] == "published":
                    published[thread].append(row)
            yield made

    def _thread(self) -> Row:
        self.threads += 1
        return {"id": self.threads, "uri": f"/2016/brev-{self.threads}/", "title": f"Brev nummer {self.threads}"}

    def _comment(self, number: int, thread: int, published: list[Row]) -> tuple[Row, str | None, str | None]:
        """A comment's row, with the decision about it and the reason for that; None where it waits."""
        state, what, reason = self.chance.choice(OUTCOMES)
        if (number + 1) * self.waiting // self.number > number * self.waiting // self.number:  # spread evenly
            state, what, reason = "pending", None, None
        # One comment in three answers another.
        parent = self.chance.choice(published) if published and self.chance.random() < 1 / 3 else None
        person = number * 48_271 % max(1, self.number // EACH_WRITER)
        text = TEXTS[self.chance.randrange(len(TEXTS))] + ("" if self.renderer else f" ({number})")
        shown = self.renderer and state in ("published", "hidden")
        row: Row = {
            "id": number + 1,
            "tid": thread,
            "parent": parent["id"] if parent else None,
            "root": (parent["root"] or parent["id"]) if parent else None,
            "state": state,
            "created": FIRST + (LAST - FIRST) * number / self.number,
            "author": f"Invånare {person}",
            "email": writer(person),
            "website": None,
            "text": text,
            "official": None,
            "sender": _sender(person),
            "token": hashlib.sha256(f"token {number}".encode()).hexdigest(),
            "voters": b"",
            "html": self.renderer(text) if shown and self.renderer else None,
            "renderer": self.renderer.version if shown and self.renderer else None,
            **_marks(text),
        }
        return row, what, reason

    def _history(self, row: Row, what: str | None, reason: str | None, digest: str) -> Iterator[Row]:
        """A comment's ledger rows: received, and the decisions about it a little later."""
        steps: list[tuple[str, str, str | None, str, str | None]] = [("received", AUTHOR, None, "pending", None)]
        if what == "hidden":
            steps.append(("approved", MODERATOR, "pending", "published", None))
        if what:
            before = "published" if what == "hidden" else "pending"
            steps.append((what, MODERATOR, before, row["state"], reason))
        for step, (what_then, who, before_then, after, why) in enumerate(steps):
            self.rows += 1
            entry = {
                "id": self.rows,
                "comment": row["id"],
                "at": row["created"] + step,
                "who": who,
                "what": what_then,
                "reason": why,
                "note": None,
                "before": before_then,
                "after": after,
                "edition": row["id"],
                "digest": digest,
            }
            self.head = entry["hash"] = chained(self.head, entry)
            yield entry


@cache
def _marks(text: str) -> Row:
    return marks(text)


@cache
def _sender(person: int) -> str:
    return hashlib.sha256(f"sender {person}".encode()).hexdigest()[:32]


def _insert(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    marks = ", ".join("?" * len(rows[0]))
    connection.exec_driver_sql("BEGIN")
    statement = f"INSERT INTO {table.name} ({', '.join(rows[0])}) VALUES ({marks})"
    connection.exec_driver_sql(statement, [tuple(row.values()) for row in rows])
    connection.exec_driver_sql("COMMIT")


def _copy(connection: sa.Connection, table: sa.Table, rows: list[Row]) -> None:
    raw: Any = connection.connection.dbapi_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(rows[0])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def _finish(connection: sa.Connection, server: bool) -> None:
    """Have the next ids follow on (SQLite does by itself), and the planner know what is there."""
    for table in (threads, comments, editions) if server else ():
        newest = f"(SELECT max(id) FROM {table.name})"
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {newest})")
    # A server vacuums by itself in the minutes after so many rows; without it, nothing is read from an index alone.
    connection.exec_driver_sql("VACUUM ANALYZE" if server else "ANALYZE")


if __name__ == "__main__":
    try:
        fill(sys.argv[1], int(sys.argv[2]))
    except (IndexError, ValueError):
        sys.exit("usage: python -m tests.bench.crowd URL NUMBER")
    except SettingsError as error:
        sys.exit(str(error))
