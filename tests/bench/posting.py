"""Comments taken in a second by eight clients, beside plain Isso in the same run."""

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.row import Row, at_least, at_most

CLIENTS, EACH, ROUNDS = 8, 60, 3
URI = "/2026/brev/"

Ask = Callable[[HTTPConnection, str], tuple[int, str]]


@contextmanager
def server(script: str, *arguments: str, **environment: str) -> Iterator[int]:
    """Run a server script of this folder; gives its port and stops it afterwards."""
    command = [sys.executable, "-m", f"tests.bench.{script}", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def ask_isso(connection: HTTPConnection, mark: str) -> tuple[int, str]:
    """Post to plain Isso; gives the new id and the text it answered with."""
    body = json.dumps({"text": mark, "author": "En förälder", "title": "Brev"})
    connection.request("POST", f"/new?uri={URI}", body, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    return answer["id"], answer["text"].removeprefix("<p>").removesuffix("</p>")


def ask_ours(connection: HTTPConnection, mark: str) -> tuple[int, str]:
    """Post our form; gives the new id (the answer holds nothing else of the comment)."""
    body = urlencode({"uri": URI, "parent": "", "author": "En förälder", "email": "", "text": mark})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    connection.request("POST", "/kommentarer/ny", body, kind)
    return json.loads(connection.getresponse().read())["id"], mark


def load(port: int, ask: Ask, name: str) -> tuple[float, dict[int, str], int]:
    """Comments a second, texts by acknowledged id, and how many answers held another's text."""

    def client(number: int) -> list[tuple[int, str, str]]:
        connection = HTTPConnection("127.0.0.1", port)
        marks = [f"{name} {number} {n} skriver" for n in range(EACH)]
        return [(*ask(connection, mark), mark) for mark in marks]

    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for batch in pool.map(client, range(CLIENTS)) for answer in batch]
    seconds = time.perf_counter() - start
    crossed = sum(text != mark for _, text, mark in answers)
    return len(answers) / seconds, {id: mark for id, _, mark in answers}, crossed


def measure(folder: Path) -> Iterator[Row]:
    """Run both in turn, so that a busy machine is busy for both."""
    letters = [{"uri": URI, "title": "Brev", "lang": "sv", "comments": "open"}]
    (folder / "letters.json").write_text(json.dumps({"letters": letters}), encoding="utf-8")
    ours = {"DATA": str(folder / "var"), "LETTERS": str(folder / "letters.json"), "RATE_LIMIT": "off"}
    rates: dict[str, list[float]] = {"isso": [], "ours": []}
    kept: dict[int, str] = {}
    crossed = 0
    with server("isso_server", str(folder)) as isso, server("our_server", **ours) as our:
        for turn in range(ROUNDS):
            rates["isso"].append(load(isso, ask_isso, f"isso{turn}")[0])
            rate, marks, wrong = load(our, ask_ours, f"ours{turn}")
            rates["ours"].append(rate)
            kept |= marks
            crossed += wrong
    with closing(sqlite3.connect(folder / "var" / "comments.db")) as database:
        stored = dict(database.execute("SELECT id, text FROM comments"))
    per_second = {name: statistics.median(values) for name, values in rates.items()}
    yield Row("posting, plain Isso, 1 process 4 threads", f"{per_second['isso']:.0f}/s")
    yield Row("posting, ours, 8 clients, durable", f"{per_second['ours']:.0f}/s")
    yield at_least("posting, ours against plain Isso", round(per_second["ours"] / per_second["isso"], 2), 2, "×")
    lost = CLIENTS * EACH * ROUNDS - sum(stored.get(id) == mark for id, mark in kept.items())
    yield at_most("acknowledged comments lost or crossed", lost + crossed, 0, "")
