"""The site as it is published, with a conversation of ten comments, on an origin of its own.

No preview script stands in its pages. They go out compressed, and what has its content's hash in its address may be
kept for good, as in production; the service answers on the same origin.
"""

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cheroot.wsgi import Server
from flask import Flask

from builder.places import Places, places
from builder.serve import one_origin
from builder.static import Application, Environ, StartResponse, StaticSite
from comments.app import create_app
from comments.sample import LETTER, plant
from comments.service import Service
from tests.days import publishable
from tests.running import ROOT

COMMENTS = 10
TEXT = (
    "Tack för brevet. Vi som bor här ser att mycket har blivit bättre, men *inte allt*: bussen går fortfarande "
    "för sällan på kvällen, och det är {n} minuter till nästa. Vad tänker ni göra åt det?"
)
MODERATOR = "granskare@lindhamn.example"
OTHERS = {
    "topic": "amnen/*",
    "writer": "forfattare/*",
    "later": "sida/2",
    "page": "kommentarsregler",
    "about": "om",
    "statement": "tillganglighet",
    "statistics": "statistik",
    "search": "sok",
    "closed": "2025/*",
    "more comments": "*/*/kommentarer/2",
}
"""Types of pages that not every content has, and where the first of each is found below OUTPUT."""
COMPRESSED = ("text/", "application/json", "application/atom+xml", "application/xml", "image/svg+xml")


@dataclass(frozen=True)
class Published:
    """Where its files are, where it answers, and the path of the letter with ten comments."""

    where: Places
    origin: str
    letter: str
    app: Flask

    def pages(self) -> dict[str, str]:
        """The path of one page of each type, by the type's name; those that the content has."""
        named = {"index": "/", "letter": self.letter, "archive": "/arkiv/", "missing": "/finns-inte/"}
        for name, pattern in OTHERS.items():
            for file in sorted(self.where.output.glob(f"{pattern}/index.html"))[:1]:
                named[name] = f"/{file.parent.relative_to(self.where.output).as_posix()}/"
        return named

    def file(self, path: str) -> Path:
        """The built file that a path shows."""
        found = self.where.output / path.strip("/") / "index.html"
        return found if found.exists() else self.where.output / "404.html"


@contextmanager
def published(folder: Path, content: str | None = None) -> Iterator[Published]:
    """Publish `content` (the sample by default) below `folder`, let ten comments be made, and serve both."""
    folder.mkdir(parents=True, exist_ok=True)
    site = folder / "site.toml"
    site.write_text(publishable((ROOT / "site.toml").read_text(encoding="utf-8")), encoding="utf-8")
    environment = os.environ | {
        "SITE": str(site),
        "CONTENT": content or str(ROOT / "content"),
        "OUTPUT": str(folder / "output"),
        "DATA": str(folder / "var"),
        "RATE_LIMIT": "off",
    }
    where = places(environment)
    publish(environment)
    app = create_app(environment)
    try:
        letter = _converse(app)
        publish(environment)
        with serving(one_origin(compressed(StaticSite(where.output)), _nothing, app)) as origin:
            yield Published(where, origin, letter, app)
    finally:
        app.extensions["ordetfritt"].close()


def publish(environment: dict[str, str]) -> None:
    """Build the site for production, as `make publish` does."""
    command = [sys.executable, "-m", "builder", "publish"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _converse(app: Flask) -> str:
    """The sample conversation and more, up to ten published comments below one letter; gives its path."""
    plant(app)
    parts: Service = app.extensions["ordetfritt"]
    letters = [letter.uri for letter in parts.letters.all() if letter.comments_open]
    letter = LETTER if LETTER in letters else letters[0]
    for n in range(parts.moderation.counts().get("published", 0), COMMENTS):
        form = {"uri": letter, "parent": "", "author": f"Invånare {n}", "email": "", "text": TEXT.format(n=n)}
        parts.moderation.decide(parts.reception.receive(form, "127.0.0.1").id, "approved", MODERATOR)
    parts.publisher.publish_all()
    parts.statistics.catch_up()
    parts.statistics.write()
    return letter


@contextmanager
def serving(application: Application) -> Iterator[str]:
    """Answer on a free port of the loopback; gives the origin."""
    server = Server(("127.0.0.1", 0), application, 8, "localhost", shutdown_timeout=1)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://localhost:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


def compressed(site: Application) -> Application:
    """What a web server in front does: gzip for texts, and a year for what is asked for by its hash."""

    def application(environ: Environ, start_response: StartResponse) -> Any:
        begun: list[Any] = []
        body = b"".join(site(environ, lambda *given: begun.append(given)))
        status, headers = begun[0][:2]
        told = dict(headers)
        if environ.get("QUERY_STRING") and status.startswith("200"):
            told["Cache-Control"] = "public, max-age=31536000, immutable"
        if body and told["Content-Type"].startswith(COMPRESSED) and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            body = packed(body)
            told |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding", "Content-Length": str(len(body))}
        start_response(status, list(told.items()))
        return [body]

    return application


@lru_cache(maxsize=256)
def packed(body: bytes) -> bytes:
    """As it goes over the wire: gzip, the same bytes each time."""
    return gzip.compress(body, 9, mtime=0)


def _nothing(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("404 Not Found", [("Content-Length", "0")])
    return []
