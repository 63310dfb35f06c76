"""A real service on a fresh database, with three letters: open, closed, and one in English."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from comments import accounts, sessions
from comments.app import create_app
from comments.service import Service

LETTER = "/2026/vi-provar/"
CLOSED = "/2025/stangt/"
OTHER = "/2026/ett-annat/"

SITE = """
organisation = "Lindhamns stad"
title = "Ordet fritt"
subtitle = "Brev"
url = "https://ordetfritt.lindhamn.example"
language = "sv"
[contact]
email = "stadsdirektoren@lindhamn.example"
[comments]
promise = "inom en arbetsdag"
max_characters = 5000
[disposal]
gallring-1 = "Gallras efter två år."
[reasons]
regel-1 = "Håll dig till ämnet."
[[writers]]
name = "Stadsdirektören"
title = "Lindhamns stad"
"""

# What trolls and bad luck send, and what must not break anything (also with a name).
HOSTILE = [
    '"><script>alert(1)</script>',
    "<b>fet</b> & 'citat' \"citat\"",
    "å ä ö Å Ä Ö é 漢字 🚲🏳️‍🌈",
    "\u202eomvänd text\u202c \u05e9\u05dc\u05d5\u05dd",
    "Z̸̢̛̝a̴̹͝l̵̡͋g̶̨̈́o̷̢͝",
    "[klicka](javascript:alert(1)) <img src=x onerror=alert(1)>",
    "[" * 2000,
    "> " * 300 + "djupt citat",
    "a" * 4000,
]


# What Markdown takes longest for, when it is written again and again.
WORST_SIGNS = ["[", "![", "*a ", "**a", "_", "`a", "(", "> ", "- ", "1. ", "a|b\n", "<", "~~", "[a]("]


class KnownRule(Rule):
    """An address whose builders are compiled once for all services of the tests: half of what making one takes."""

    known: ClassVar[dict[Any, Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        key = self.rule, repr(self.defaults), append_unknown
        if key not in self.known:
            self.known[key] = super()._compile_builder(append_unknown)
        return self.known[key]


Flask.url_rule_class = KnownRule


@pytest.fixture
def folder(tmp_path: Path, database: None) -> Path:
    """site.toml and the site's letters.json; the service's database is one of both, in turn."""
    letters = [
        {"uri": LETTER, "title": 'Vi "provar" <oss> & fram', "lang": "sv", "comments": "open"},
        {"uri": CLOSED, "title": "Stängt", "lang": "sv", "comments": "closed"},
        {"uri": OTHER, "title": "Ett annat", "lang": "sv", "comments": "open"},
    ]
    (tmp_path / "letters.json").write_text(json.dumps({"letters": letters, "pages": []}), encoding="utf-8")
    (tmp_path / "site.toml").write_text(SITE, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates: a test makes a service of its own, which else compiles them anew."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def make_app(folder: Path, templates: FileSystemBytecodeCache) -> Iterator[Callable[..., Flask]]:
    """Make the app, again on the same data if asked twice."""
    made: list[Flask] = []

    def make(**config: Any) -> Flask:
        given = {
            "DATA": str(folder / "var"),
            "LETTERS": str(folder / "letters.json"),
            "SITE": str(folder / "site.toml"),
        }
        made.append(create_app(given | config))
        made[-1].jinja_env.bytecode_cache = templates
        return made[-1]

    yield make
    for app in made:
        app.extensions["ordetfritt"].close()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The service."""
    return make_app()


@pytest.fixture
def parts(app: Flask) -> Service:
    """The service's parts, for looking at what was stored."""
    return app.extensions["ordetfritt"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A resident."""
    return app.test_client()


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., Any]:
    """Post a valid comment, with some fields changed; JSON is asked for.

    The first says "Tack för brevet!", and the others something of their own: the same words again would be
    taken for the same comment.
    """
    numbers = itertools.count(1)

    def post(**changes: Any) -> Any:
        number = next(numbers)
        text = "Tack för brevet!" if number == 1 else f"Tack för brevet, {number}!"
        fields = {"uri": LETTER, "author": "En förälder i Väst", "email": "", "text": text} | changes
        return client.post("/kommentarer/ny", data=fields, headers={"Accept": "application/json"})

    return post


@pytest.fixture
def published(folder: Path) -> Callable[..., dict[str, Any]]:
    """Read a thread's published file."""

    def read(name: str = "2026_vi-provar.json") -> dict[str, Any]:
        return json.loads((folder / "var" / "published" / name).read_text(encoding="utf-8"))

    return read


class Desk:
    """A signed-in moderator's browser without JavaScript."""

    def __init__(self, app: Flask, email: str) -> None:
        parts: Service = app.extensions["ordetfritt"]
        account = accounts.add(parts.storage, email, "Kommunikatören", "Lindhamns stad", "admin")
        self.email = email
        self.client = app.test_client()
        self.token = ""
        with parts.storage.transaction():
            secret = sessions.begin(parts.storage, account["id"], "link")
            accounts.log(parts.storage, account["id"], email, "signed-in", "link")
        with self.client.session_transaction() as session:
            session.permanent = True
            session["token"] = secret

    def get(self, path: str = "/moderering/") -> Any:
        """Open a page of the desk."""
        return self.client.get(path)

    def submit(self, path: str, page: str | None = None, **fields: str) -> Any:
        """Send a form of the desk with the token that stands on `page`."""
        token = re.search(r'csrf_token" value="([^"]+)', self.get(page or path).text)
        assert token, "the page must carry a token"
        self.token = token[1]
        return self.client.post(path, data=fields | {"csrf_token": self.token})

    def decide(self, id: int, action: str, **fields: str) -> Any:
        """Take a decision: godkann, avboj, dolj, aterstall or svara; with the session's token, once it is known."""
        path, page = f"/moderering/{id}/{action}", f"/moderering/{id}"
        if not self.token:
            return self.submit(path, page, **fields)
        return self.client.post(path, data=fields | {"csrf_token": self.token})


@pytest.fixture
def desk(app: Flask) -> Desk:
    """The first moderator."""
    return Desk(app, "moderator@lindhamn.example")
