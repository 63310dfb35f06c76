"""From a moderator's approval to the comment in the served page, with 100 letters."""

import json
import re
import statistics
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tests.bench.building import write_letters
from tests.bench.row import Row, at_most
from tests.running import Running, running

LETTERS, ROUNDS = 100, 5
LETTER = "/2016/brev-0/"


def measure(folder: Path) -> Iterator[Row]:
    """The running product, its page asked for until it has the comment."""
    write_letters(folder / "content", LETTERS)
    with running(folder, CONTENT=str(folder / "content")) as site:
        desk = _signed_in(site)
        seconds = [_until_visible(site, desk, f"Kommentar nummer {n}") for n in range(ROUNDS)]
    yield at_most(f"approve to visible, {LETTERS} letters", round(statistics.median(seconds), 2), 2, "s")


def _signed_in(site: Running) -> OpenerDirector:
    desk = build_opener(HTTPCookieProcessor(CookieJar()))
    link = site.sign_in_link()
    desk.open(link, urlencode({"csrf_token": _token(desk, link)}).encode())
    return desk


def _token(desk: OpenerDirector, page: str) -> str:
    found = re.search(r'csrf_token" value="([^"]+)', desk.open(page).read().decode())
    assert found
    return found[1]


def _until_visible(site: Running, desk: OpenerDirector, mark: str) -> float:
    fields = urlencode({"uri": LETTER, "author": "En förälder", "text": mark}).encode()
    asked = Request(f"{site.origin}/kommentarer/ny", fields, {"Accept": "application/json"})
    id = json.loads(desk.open(asked).read())["id"]
    token = _token(desk, f"{site.origin}/moderering/{id}")
    start = time.perf_counter()
    desk.open(f"{site.origin}/moderering/{id}/godkann", urlencode({"csrf_token": token}).encode())
    while mark not in desk.open(site.origin + LETTER).read().decode():
        time.sleep(0.01)
    return time.perf_counter() - start
