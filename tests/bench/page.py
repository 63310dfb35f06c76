"""What a letter with ten comments weighs, and what a browser asks for to show it."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, sync_playwright

from comments.app import create_app
from comments.service import Service
from tests.bench.row import Row, at_most
from tests.browser import chromium
from tests.running import ROOT, Running, running

LETTER = "/2026/vi-provar-oss-fram/"
TEXT = (
    "Tack för brevet. Vi som bor här ser att mycket har blivit bättre, men *inte allt*: bussen går fortfarande "
    "för sällan på kvällen, och det är {n} minuter till nästa. Vad tänker ni göra åt det?"
)


def measure(folder: Path) -> Iterator[Row]:
    """Published as in production, then read by Chromium from the running product."""
    with running(folder) as site:
        _fill_up_to_ten(site)
        while _built(folder).read_text(encoding="utf-8").count('class="comment"') < 10:
            time.sleep(0.1)
        weight = len(gzip.compress(_built(folder).read_bytes(), 9))
        yield at_most("letter with ten comments, HTML, gzip", weight, 14_000, "B")
        script = ROOT / "theme" / "static" / "comment-form.js"
        yield at_most("JavaScript, gzip", len(gzip.compress(script.read_bytes(), 9)), 5_000, "B")
        if chromium.find() is None:
            yield Row("requests of a page view", "no Chromium")
            return
        yield from _page_view(site)


def _built(folder: Path) -> Path:
    return folder / "output" / LETTER.strip("/") / "index.html"


def _fill_up_to_ten(site: Running) -> None:
    parts: Service = create_app(site.environment).extensions["ordetfritt"]
    by = "granskare@lindhamn.example"
    number = parts.moderation.counts()["published"]
    for n in range(number, 10):
        form = {"uri": LETTER, "parent": "", "author": f"Invånare {n}", "email": "", "text": TEXT.format(n=n)}
        parts.moderation.decide(parts.reception.receive(form, "127.0.0.1").id, "approved", by)


def _page_view(site: Running) -> Iterator[Row]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        page = browser.new_page()
        while True:
            asked = _requests(page, site.origin + LETTER)
            if page.locator("article.comment:not([data-hidden])").count() >= 10:
                break
        ours = [request for request in asked if "/_preview/" not in request.url]
        sizes = [len(gzip.compress(request.response().body(), 9)) for request in ours]  # type: ignore[union-attr]
        browser.close()
    hosts = {urlsplit(request.url).netloc for request in ours} - {urlsplit(site.origin).netloc}
    service = [request for request in ours if urlsplit(request.url).path.startswith(("/kommentarer/", "/isso/"))]
    yield at_most("requests of a page view", len(ours), 4, "")
    yield at_most("bytes of a page view, gzip", sum(sizes), 40_000, "B")
    yield at_most("requests to other hosts", len(hosts), 0, "")
    yield at_most("requests to the service while reading", len(service), 0, "")


def _requests(page: Page, address: str) -> list[Request]:
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    page.on("request", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("request", note)
    return [request for request in asked if not request.url.startswith("data:")]
