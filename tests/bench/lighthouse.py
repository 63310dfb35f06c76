"""Lighthouse's scores of the published letter, index and search: medians of five runs of each."""

import statistics
from collections.abc import Iterator
from pathlib import Path

from tests.bench.row import Row, at_least
from tests.browser import chromium
from tests.published import published
from tests.tools import is_missing, lighthouse

RUNS = 5


def measure(folder: Path) -> Iterator[Row]:
    """As make publish builds them, served compressed by a server of our own."""
    if is_missing("node") or chromium.find() is None:
        yield Row("Lighthouse", "no Node or Chromium")
        return
    with published(folder) as site:
        paths = {name: path for name, path in site.pages().items() if name in lighthouse.PAGES}
        reports = lighthouse.run([site.origin + path for path in paths.values()] * RUNS)
        for place, name in enumerate(paths):
            for category in lighthouse.CATEGORIES:
                scores = [report.scores[category] for report in reports[place :: len(paths)]]
                yield at_least(f"Lighthouse, {name}: {category}", statistics.median(scores), 100, "")
