"""What a million comments cost the desk, beside a thousand: pages, decisions, memory, query plans.

CROWD=50000 in the environment takes fewer than a million.
"""

import json
import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from sqlalchemy import event

from comments.app import create_app
from comments.service import Service
from comments.settings import read_settings
from comments.storage import Storage, comments
from tests.bench.crowd import MODERATOR, fill, letters, writer
from tests.bench.row import Row, at_most
from tests.conftest import running_postgresql
from tests.faults.serving import Moderator, Serving
from tests.service.conftest import SITE, Desk

SMALL = 1000
RUNS = 25
LONG_THREAD = 3000
SCAN = re.compile(
    r"SCAN (?:comments|below|answered|same)\b|Seq Scan on comments\b"
    r"|SEARCH (?:below|answered|same) USING INTEGER PRIMARY KEY \(rowid[<>]"
)
"""A range of numbers that is looked through for each row is a scan by another name."""
READS = re.compile(r"(SELECT|WITH|DELETE)\b.*\bFROM\b|UPDATE\b", re.DOTALL)

Place = Callable[[str], str]
"""Makes an empty database of that name; gives its address."""


class Desktop:
    """A service process on a crowd of its own, and a moderator at its desk."""

    def __init__(self, folder: Path, url: str, number: int, ends: ExitStack) -> None:
        fill(url, number)
        self.environment = _set_up(folder, url)
        log = ends.enter_context((folder / "service.log").open("w", encoding="utf-8"))
        start = time.perf_counter()
        self.service = Serving(os.environ | self.environment, log)
        ends.callback(self.service.kill)
        _ = self.service.port
        while not (folder / "var" / "published" / ".position").exists():
            time.sleep(0.05)
        self.start_seconds = time.perf_counter() - start
        storage = Storage(url)
        ends.callback(storage.close)
        self.moderator = Moderator(self.service.port, storage)
        ends.callback(self.moderator.close)
        waiting = sa.select(comments.c.id).where(comments.c.state == "pending").order_by(comments.c.id)
        self.waiting = [row.id for row in storage.execute(waiting.limit(RUNS + 2))]

    def queue(self, _run: int) -> float:
        """Milliseconds of the queue's first page."""
        return self._get("/moderering/")

    def search(self, run: int) -> float:
        """Milliseconds of a search for one writer, another each time."""
        return self._get(f"/moderering/sok?q={writer(run)}")

    def decision(self, _run: int) -> float:
        """Milliseconds of an approval, its thread's file written."""
        start = time.perf_counter()
        status = self.moderator.approve(self.waiting.pop(0))
        assert status == 302
        return 1000 * (time.perf_counter() - start)

    def _get(self, path: str) -> float:
        start = time.perf_counter()
        answer = self.moderator.get(path)
        milliseconds = 1000 * (time.perf_counter() - start)
        assert answer.status == 200
        assert "<article" in answer.text
        return milliseconds

    def megabytes(self) -> float:
        """The memory of the process, resident, in 10⁶ bytes."""
        return float(psutil.Process(self.service.process.pid).memory_info().rss / 1e6)


def measure(folder: Path) -> Iterator[Row]:
    """Both databases in turn."""
    number = int(os.environ.get("CROWD") or 1_000_000)
    with running_postgresql() as server:
        places = {"SQLite": partial(_sqlite, folder), "PostgreSQL": partial(_postgresql, server)}
        for kind, place in places.items():
            for row in _measure(folder / kind, place, number):
                yield Row(f"{kind}: {row.what}", row.measured, row.goal, row.met)


def _sqlite(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


def _postgresql(server: str, name: str) -> str:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return url.set(database=name).render_as_string(hide_password=False)


def _set_up(folder: Path, url: str) -> dict[str, str]:
    """The settings of a service on that database, its files below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "letters.json").write_text(json.dumps({"letters": letters(url), "pages": []}), encoding="utf-8")
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    places = {"DATA": folder / "var", "LETTERS": folder / "letters.json", "SITE": folder / "site.toml"}
    return {name: str(path) for name, path in places.items()} | {"DATABASE_URL": url}


def _measure(folder: Path, place: Place, number: int) -> Iterator[Row]:
    with ExitStack() as ends:
        large = Desktop(_made(folder / "large"), place("large"), number, ends)
        # Second, for it is quick: a service hangs up on those who are silent for some seconds.
        small = Desktop(_made(folder / "small"), place("small"), SMALL, ends)
        yield Row(f"start, all published, {number:,}", f"{large.start_seconds:.1f} s")
        pages = {"queue": Desktop.queue, "search by e-mail": Desktop.search, "decision": Desktop.decision}
        for name, page in pages.items():
            few, many = _medians(page, small, large)
            yield Row(f"{name}, {SMALL:,}", f"{few:.1f} ms")
            yield Row(f"{name}, {number:,}", f"{many:.1f} ms")
            yield at_most(f"{name}, {number:,} against {SMALL:,}", round(many / few, 2), 2, "×")
        yield at_most(f"memory of the service, {number:,}", round(large.megabytes()), 150, "MB")
    yield from _plans(large.environment)
    yield from _long_thread(_made(folder / "long"), place("long"))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _medians(page: Callable[[Desktop, int], float], small: Desktop, large: Desktop) -> tuple[float, float]:
    """Of both in turn, so that a busy machine is busy for both; the first time is not counted."""
    runs = [(page(small, run), page(large, run)) for run in range(RUNS + 1)][1:]
    few, many = zip(*runs, strict=True)
    return statistics.median(few), statistics.median(many)


def _plans(environment: dict[str, str]) -> Iterator[Row]:
    """How the database finds the rows of these pages, and how many plans read all comments."""
    app = create_app(environment)
    parts: Service = app.extensions["ordetfritt"]
    try:
        desk = Desk(app, MODERATOR)
        waiting = parts.moderation.cases("pending", most=1)[0]["id"]
        pages: dict[str, Callable[[], Any]] = {
            "queue": desk.get,
            "search by e-mail": lambda: desk.get(f"/moderering/sok?q={writer(7)}"),
            "decision": lambda: desk.decide(waiting, "godkann"),
        }
        scans = 0
        for name, ask in pages.items():
            with _asked(parts.storage.engine) as statements:
                assert ask().status_code in (200, 302)
            found = dict.fromkeys(line for plan in _explained(parts.storage.engine, statements) for line in plan)
            scans += sum(SCAN.search(line) is not None for line in found)
            for line in found:
                yield Row(f"plan of the {name}: {line}", "")
        yield at_most("scans of the comments table", scans, 0, "")
    finally:
        parts.close()


@contextmanager
def _asked(engine: sa.Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are run from now on, with their values, on which the plan may depend."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if READS.match(statement):
            statements.append((statement, values[0] if isinstance(values, list) else values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _explained(engine: sa.Engine, statements: list[tuple[str, Any]]) -> Iterator[list[str]]:
    """Each statement's plan: the lines that say how a table is read."""
    with engine.connect() as connection:
        explain = "EXPLAIN (COSTS OFF) " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        for statement, values in statements:
            lines = [str(row[-1]).strip(" ->") for row in connection.exec_driver_sql(explain + statement, values)]
            yield [line for line in lines if re.search(r"SEARCH|SCAN|\bScan\b", line)]


def _long_thread(folder: Path, url: str) -> Iterator[Row]:
    """From a decision to the file of a conversation that everybody took part in."""
    fill(url, LONG_THREAD, in_thread=LONG_THREAD, rendered=False)
    settings = read_settings(_set_up(folder, url))
    first, second = (_decision_to_file(Service(settings)) for _ in range(2))
    yield Row(f"decision to file, thread of {LONG_THREAD:,}, at first", f"{first:.2f} s")
    yield at_most(f"decision to file, thread of {LONG_THREAD:,}", round(second, 2), 1, "s")


def _decision_to_file(parts: Service) -> float:
    """Seconds, for a service that has just been started and remembers nothing."""
    try:
        row = parts.moderation.cases("pending", most=1)[0]
        start = time.perf_counter()
        parts.moderation.decide(row["id"], "approved", MODERATOR)
        seconds = time.perf_counter() - start
        file = next(parts.settings.published.glob("*.json")).read_text(encoding="utf-8")
        assert f'"id": {row["id"]},' in file
        return seconds
    finally:
        parts.close()
