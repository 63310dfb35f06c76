"""What a letter with ten comments and one picture weighs, and what a browser asks for to show it."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.row import Row, at_most
from tests.browser import chromium
from tests.browser.reading import Reading, read
from tests.published import Published, packed, published
from tests.running import ROOT


def measure(folder: Path) -> Iterator[Row]:
    """Published as in production, then read by Chromium from its top to its end."""
    with published(folder) as site:
        weight = len(packed(site.file(site.letter).read_bytes()))
        yield at_most("letter with ten comments, HTML, gzip", weight, 14_000, "B")
        for name, file, limit in (("CSS", "site.css", 8_000), ("JavaScript", "comment-form.js", 5_000)):
            weight = len(packed((ROOT / "theme" / "static" / file).read_bytes()))
            yield at_most(f"{name}, gzip", weight, limit, "B")
        if chromium.find() is None:
            yield Row("requests of a page view", "no Chromium")
            return
        yield from _page_view(site)


def _page_view(site: Published) -> Iterator[Row]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=["--no-sandbox"])
        (reading,) = read(browser.new_context(), [site.origin + site.letter])
        browser.close()
    yield from _rows(reading, site.origin)


def _rows(reading: Reading, origin: str) -> Iterator[Row]:
    yield at_most("requests of a page view", len(reading.asked), 4, "")
    yield at_most("bytes of a page view, gzip", sum(reading.weights.values()), 40_000, "B")
    yield at_most("requests to other hosts", len(reading.elsewhere(origin)), 0, "")
    yield at_most("requests to the service while reading", len(reading.of_service()), 0, "")
    yield at_most("kept in cookies and storage while reading", len(reading.kept), 0, "")
    yield at_most("layout shift", reading.shift, 0, "")
