"""Isso's own tests, as its package brings them, with our engine where they say `Isso`."""

import importlib.util
import sys
import unittest
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import sqlalchemy as sa
from isso.utils import http

from comments.engine import Engine, in_json, isso_config
from comments.isso_storage import IssoStorage
from comments.letters import Letter
from comments.moderation import Moderation
from comments.publish import Publisher
from comments.reception import Reception
from comments.rendering import Renderer
from comments.storage import Storage, threads
from common.facts import Facts
from common.language import translations

FOLDER = Path(str(files("isso").joinpath("tests")))
NAMES = ("comments", "guard", "vote", "db", "wsgi")
OWN = ("db", "wsgi")
"""These ask Isso's own reading of old databases, by which we adopt, and its WSGI helpers: run with those as well."""
GUARD_CLIENT = "JSONClient"
"""What the guard's tests post with here; see "guard" in the table of the differences."""
KEY = "a key that stays the same, so that the Bloom filter of the voters does, too"


def load(name: str) -> ModuleType:
    """A private copy of one of Isso's test modules."""
    with _as_isso_s_tests_expect():
        module = _module(f"isso_suite_{name}", FOLDER / f"test_{name}.py")
        if name == "guard":
            vars(module)[GUARD_CLIENT] = getattr(sys.modules["fixtures"], GUARD_CLIENT)
    return module


@contextmanager
def _as_isso_s_tests_expect() -> Iterator[None]:
    """With their `fixtures` at hand; what they put into Isso itself when they are loaded is taken out again."""
    curl = http.curl
    sys.modules["fixtures"] = _module("fixtures", FOLDER / "fixtures.py")
    try:
        yield
    finally:
        del sys.modules["fixtures"]
        http.curl = curl


def _module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MODULES = {name: load(name) for name in NAMES}


def tests(names: Sequence[str]) -> list[str]:
    """All names of these modules' tests, like comments.TestComments.testGet."""
    loader = unittest.TestLoader()
    return [
        f"{name}.{case.__name__}.{test}"
        for name in names
        for case in vars(MODULES[name]).values()
        if isinstance(case, type) and issubclass(case, unittest.TestCase)
        for test in loader.getTestCaseNames(case)
    ]


def failure(test: str, ours: Mapping[str, Any] | None = None, own_client: bool = False) -> str | None:
    """Run one, with `ours` in the place of what Isso calls so; what it fails with, or None."""
    name, case, method = test.split(".")
    module = MODULES[name]
    result = unittest.TestResult()
    with ExitStack() as places:
        for each, part in (ours or {}).items():
            if each in vars(module):
                places.enter_context(mock.patch.object(module, each, part))
        if name == "guard" and not own_client:
            places.enter_context(mock.patch.object(module, "Client", vars(module)[GUARD_CLIENT]))
        vars(module)[case](method).run(result)
    assert result.testsRun == 1
    return next((told for _test, told in result.failures + result.errors), None)


class EveryPage:
    """The site: each address is an open letter, without a title, as the pages are that Isso's tests fetch."""

    def refresh(self) -> None:
        """There is nothing to read."""

    def get(self, uri: str) -> Letter:
        """The letter at any address."""
        return Letter(uri, "Untitled.", "en", True)


class Parts:
    """What the engine is made of, on one database; `ours` is what Isso's tests get for what they import of Isso."""

    def __init__(self, database: str, folder: Path, facts: Facts) -> None:
        words = translations("en")
        self.facts = facts
        self.storage = Storage(database)
        self.publisher = Publisher(self.storage, folder, Renderer())
        self.moderation = Moderation(self.storage, self.publisher, facts, words)
        self.paths: set[str] = set()

        def reception(limited: bool) -> Reception:
            return Reception(self.storage, EveryPage(), words, KEY, 65_535, limited)  # type: ignore[arg-type]

        class OurEngine(Engine):
            """Our engine, made from Isso's settings alone."""

            def __init__(ours, conf: Any) -> None:
                self.paths.add(conf.get("general", "dbpath"))
                assert len(self.paths) == 1, "a test must stay in its one database"
                guarded = conf.getboolean("guard", "enabled")
                super().__init__(self.storage, reception(guarded), self.publisher, KEY, facts, conf)
                ours.db = Behind(ours.db, self)  # type: ignore[assignment]

        class OurStorage(IssoStorage):
            """Our storage, made as Isso makes its own: the path of a database of Isso's names none of ours."""

            def __init__(ours, _path: str, _conf: Any) -> None:
                super().__init__(self.storage, reception(False), self.publisher, isso_config(900))

        def error_handler(_environ: Any, _request: Any, error: Any) -> Any:
            return in_json(error() if isinstance(error, type) else error)

        self.ours = {"Isso": OurEngine, "SQLite3": OurStorage, "error_handler": error_handler}

    def close(self) -> None:
        """Let go of the database."""
        self.storage.close()


class Behind:
    """What Isso's tests do to its database behind the engine's back; the engine itself never comes here."""

    def __init__(self, db: Any, parts: Parts) -> None:
        self.storage = parts.storage
        self.threads = ThreadsBehind(parts.storage)
        self.comments = CommentsBehind(db.comments, parts.moderation)

    def execute(self, sql: str | Sequence[str], values: Sequence[Any] = ()) -> None:
        """Run what fits our tables as it fits Isso's."""
        statement = sql if isinstance(sql, str) else " ".join(sql)
        marks = statement.replace("?", "%s") if self.storage.engine.dialect.name == "postgresql" else statement
        with self.storage.transaction() as connection:
            connection.exec_driver_sql(marks, tuple(values))


class ThreadsBehind:
    """Our threads, looked at."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def __contains__(self, uri: str) -> bool:
        return self.storage.row(sa.select(threads).where(threads.c.uri == uri)) is not None

    def get(self, id: int) -> dict[str, Any] | None:
        """One, by its number."""
        return self.storage.row(sa.select(threads).where(threads.c.id == id))


class CommentsBehind:
    """Our comments, looked at and decided about."""

    def __init__(self, comments: Any, moderation: Moderation) -> None:
        self.get = comments.get
        self.moderation = moderation

    def activate(self, id: int) -> None:
        """Isso's word for a moderator's approval."""
        self.moderation.decide(id, "approved", "moderator@lindhamn.example")

    def purge(self, _seconds: int) -> None:
        """Nothing: no comment is ever purged."""
