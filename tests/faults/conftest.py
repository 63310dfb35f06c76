"""Real processes of the service on a database of their own, all ended with the test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comments.storage import Storage
from tests.faults.serving import Serving
from tests.service.conftest import app, client, desk, folder, make_app, parts, post, published, templates

__all__ = ["app", "client", "desk", "folder", "make_app", "parts", "post", "published", "templates"]


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Serving]]:
    """Start a process of the service on the test's data, more than once where it is asked to."""
    places = {"DATA": folder / "var", "LETTERS": folder / "letters.json", "SITE": folder / "site.toml"}
    started: list[Serving] = []
    with (folder / "service.log").open("a", encoding="utf-8") as log:

        def start(**settings: str) -> Serving:
            paths = {name: str(place) for name, place in places.items()}
            started.append(Serving({**os.environ, **paths, "RATE_LIMIT": "off", **settings}, log))
            return started[-1]

        yield start
        for each in started:
            each.kill()


@pytest.fixture
def storage(folder: Path, database: str) -> Iterator[Storage]:
    """The same database, for looking at what is stored."""
    own = Storage(database)
    yield own
    own.close()
