"""Comments taken by eight clients, beside plain Isso in the same run: how many in a second, and how long one waits."""

import json
import os
import re
import statistics
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from comments.rendering import MOST_SIGNS, SIGN, Renderer
from comments.storage import Storage, comments
from tests.bench.row import Row, at_least, at_most
from tests.conftest import running_postgresql
from tests.service.conftest import WORST_SIGNS

CLIENTS, EACH, ROUNDS = 8, 60, 3
LONGEST, TIMES = 5000, 5
MOST_TRIES = 50
URI = "/2026/brev/"

Ask = Callable[[HTTPConnection, str], tuple[int, str]]


@dataclass
class SetUp:
    """One way to run a service, and what was measured of it: posts a second by round, seconds of each post."""

    ask: Ask
    ports: list[int]
    rates: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    kept: dict[int, str] = field(default_factory=dict)
    crossed: int = 0

    @property
    def rate(self) -> float:
        """Posts a second, the median of the rounds."""
        return statistics.median(self.rates)

    @property
    def slowest(self) -> float:
        """Milliseconds within which 99 of 100 posts were answered."""
        return statistics.quantiles(self.waits, n=100)[-1] * 1000


@contextmanager
def server(*command: str, **environment: str) -> Iterator[int]:
    """Run a server that prints its port, or an address with it, first of all; stopped afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | environment,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"(\d+)(/moderering/)?$", process.stdout.readline().strip())
        assert found, "the server must start"
        yield int(found[1])
    finally:
        process.terminate()
        process.wait()


def _from(mark: str) -> dict[str, str]:
    """Each client is a resident with an address of its own, as a proxy in front tells it."""
    return {"X-Forwarded-For": f"192.0.2.{mark.split()[2]}"}


def ask_isso(connection: HTTPConnection, mark: str) -> tuple[int, str]:
    """Post to plain Isso, again where its database is locked; gives the new id and the text it answered with."""
    body = json.dumps({"text": mark, "author": "En förälder", "title": "Brev"})
    for _ in range(MOST_TRIES):
        connection.request("POST", f"/new?uri={URI}", body, {"Content-Type": "application/json"} | _from(mark))
        response = connection.getresponse()
        said = response.read()
        if response.status < 400:
            break
    answer = json.loads(said)
    return answer["id"], answer["text"].removeprefix("<p>").removesuffix("</p>")


def ask_ours(connection: HTTPConnection, mark: str) -> tuple[int, str]:
    """Post our form; gives the new id (the answer holds nothing else of the comment)."""
    body = urlencode({"uri": URI, "parent": "", "author": "En förälder", "email": "", "text": mark})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    connection.request("POST", "/kommentarer/ny", body, kind | _from(mark))
    return json.loads(connection.getresponse().read())["id"], mark


def load(these: SetUp, name: str) -> None:
    """Let all clients post at once, shared between the set-up's processes, and note what they met."""

    def client(number: int) -> list[tuple[int, str, str, float]]:
        with closing(HTTPConnection("127.0.0.1", these.ports[number % len(these.ports)])) as connection:
            return [_timed(these.ask, connection, f"{name} {number} {n} skriver") for n in range(EACH)]

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for batch in pool.map(client, range(CLIENTS)) for answer in batch]
    these.rates.append(len(answers) / (time.perf_counter() - start))
    these.waits += [seconds for *_, seconds in answers]
    these.kept |= {id: mark for id, _, mark, _ in answers}
    these.crossed += sum(text != mark for _, text, mark, _ in answers)


def _timed(ask: Ask, connection: HTTPConnection, mark: str) -> tuple[int, str, str, float]:
    start = time.perf_counter()
    id, text = ask(connection, mark)
    return id, text, mark, time.perf_counter() - start


def measure(folder: Path) -> Iterator[Row]:
    """Run all in turn, so that a busy machine is busy for each."""
    letters = [{"uri": URI, "title": "Brev", "lang": "sv", "comments": "open"}]
    (folder / "letters.json").write_text(json.dumps({"letters": letters}), encoding="utf-8")
    with ExitStack() as open:

        def isso(name: str, workers: int) -> SetUp:
            place = folder / name
            place.mkdir()
            started = [server("tests.bench.isso_server", str(place)) for _ in range(workers)]
            return SetUp(ask_isso, [open.enter_context(each) for each in started])

        def ours(name: str, url: str, processes: int = 1) -> SetUp:
            given = {"DATA": str(folder / name), "LETTERS": str(folder / "letters.json"), "RATE_LIMIT": "off"}
            given["TRUSTED_PROXIES"] = "1"
            command = ("comments", "serve", "--port", "0")
            started = [server(*command, **given, DATABASE_URL=url) for _ in range(processes)]
            return SetUp(ask_ours, [open.enter_context(each) for each in started])

        safe, unsafe = isso("safe", 1), isso("unsafe", 2)
        postgresql = open.enter_context(running_postgresql())
        databases = {"SQLite": f"sqlite:///{folder}/sqlite/comments.db", "PostgreSQL": postgresql}
        mine = {
            "SQLite": ours("sqlite", ""),
            "PostgreSQL": ours("postgresql", postgresql),
            "PostgreSQL, 2 processes": ours("postgresql", postgresql, 2),
        }
        for turn in range(ROUNDS):
            for number, each in enumerate((safe, unsafe, *mine.values())):
                load(each, f"{turn} {number}")
        yield Row("posting, plain Isso, 1 process 4 threads", f"{safe.rate:.0f}/s")
        yield Row("posting, plain Isso, 2 processes (unsafe)", f"{unsafe.rate:.0f}/s")
        yield Row("  of its answers, with another's comment", f"{unsafe.crossed}")
        for name, each in mine.items():
            yield Row(f"posting, ours, {name}", f"{each.rate:.0f}/s")
            against = round(each.rate / safe.rate, 2)
            if name == "PostgreSQL":  # which is there for several processes; one alone has no limit to keep
                yield Row("  against plain Isso, safe", f"{against:g} ×")
            else:
                yield at_least("  against plain Isso, safe", against, 2, "×")
            yield at_least("  against plain Isso, unsafe", round(each.rate / unsafe.rate, 2), 1, "×")
            yield at_most("  99 of 100 answered, against safe Isso", round(each.slowest / safe.slowest, 2), 2, "×")
        for name, url in databases.items():
            those = [each for label, each in mine.items() if label.startswith(name)]
            yield at_most(f"acknowledged and lost or crossed, {name}", _lost(url, those), 0, "")
    yield at_most("rendering the worst Markdown, against words", round(_worst_rendering(), 1), 50, "×")


def _worst_rendering() -> float:
    """How many times longer the longest comment of signs takes than one of words, with as many as are rendered."""
    render, words = Renderer(), ("Det är bra men inte bra nog " * LONGEST)[:LONGEST]
    took = {text: _rendering(render, text) for text in (words, *(_mostly(sign, words) for sign in WORST_SIGNS))}
    return max(took.values()) / took[words]


def _mostly(sign: str, words: str) -> str:
    return (sign * (MOST_SIGNS // len(SIGN.findall(sign))) + words)[:LONGEST]


def _rendering(render: Renderer, text: str) -> float:
    """Seconds, the least of a few times, of a text that is another each time."""
    texts = [f"{text[:-1]}{n}" for n in range(TIMES)]
    return min(timeit.timeit(partial(render, each), number=1) for each in texts)


def _lost(url: str, those: list[SetUp]) -> int:
    with closing(Storage(url)) as storage:
        stored = {row["id"]: row["text"] for row in storage.rows(sa.select(comments.c.id, comments.c.text))}
    kept = [(id, mark) for each in those for id, mark in each.kept.items()]
    return CLIENTS * EACH * ROUNDS * len(those) - sum(stored.get(id) == mark for id, mark in kept)
