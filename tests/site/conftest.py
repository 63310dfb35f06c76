"""A small site of one's own in a temporary folder, built by real Pelican with the project's own theme."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builder.build import build
from builder.places import ROOT, Places, places
from builder.report import Report
from common.threads import published_name
from tests.statement import statement

SITE = """
organisation = "Lindhamns stad"
title = "Ordet fritt"
subtitle = "Brev från stadsdirektören"
url = "https://ordetfritt.lindhamn.example"
language = "{language}"
time_zone = "Europe/Stockholm"

[comments]
promise = "inom en arbetsdag"

[reasons]
regel-2 = "Visa respekt."

[[writers]]
name = "Stadsdirektören"
title = "Lindhamns stad"
picture = "images/portratt.svg"
"""
PORTRAIT = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><circle cx="48" cy="48" r="40"/></svg>\n'


@dataclass
class Site:
    """Sources to write, a build to run, and what came out of it."""

    where: Places
    set_language: Callable[[str], None]

    def letter(self, name: str = "brev", body: str = "Hej.", **header: str) -> Path:
        """Write letters/<name>.md; a header value of "" leaves that line out."""
        lines = {"title": "Ett brev", "date": "2026-11-20 08:00", "slug": name, **header}
        return self._write(self.where.content / "letters" / f"{name}.md", lines, body)

    def page(self, name: str = "om", body: str = "Om oss.", **header: str) -> Path:
        """Write pages/<name>.md."""
        return self._write(self.where.content / "pages" / f"{name}.md", {"title": "Om", "slug": name, **header}, body)

    def _write(self, path: Path, header: dict[str, str], body: str) -> Path:
        lines = [f"{key.capitalize()}: {value}" for key, value in header.items() if value]
        path.write_text("\n".join([*lines, "", body, ""]), encoding="utf-8")
        return path

    def picture(self, name: str, content: str = PORTRAIT) -> Path:
        """Write images/<name>."""
        path = self.where.content / "images" / name
        path.write_text(content, encoding="utf-8")
        return path

    def conversation(self, uri: str, comments: list[dict[str, Any]]) -> Path:
        """Write published/<thread>.json, as the service would."""
        table = {"format": 1, "uri": uri, "count": len(comments), "comments": comments}
        path = self.where.published / published_name(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(table), encoding="utf-8")
        return path

    def build(self, conf: str = "pelicanconf.py") -> Report:
        """Build it, whatever comes of it."""
        return build(ROOT / conf, places())

    def built(self, conf: str = "pelicanconf.py") -> "Site":
        """Build it without a fault or a warning."""
        report = self.build(conf)
        assert (report.faults, report.warnings) == ([], [])
        return self

    def read(self, path: str) -> str:
        """The text of a built file."""
        return (self.where.output / path).read_text(encoding="utf-8")

    def has(self, path: str) -> bool:
        """Whether that file was built."""
        return (self.where.output / path).is_file()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty site with its pages' rules and one portrait."""
    return new_site(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def module_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same for all tests of a module, which build it once and read it then."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield new_site(tmp_path_factory.mktemp("site"), monkeypatch)


def new_site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """An empty site in that folder, which the environment names."""

    def set_language(language: str) -> None:
        (folder / "site.toml").write_text(SITE.format(language=language) + statement(), encoding="utf-8")

    for name in ("content", "output", "data"):
        monkeypatch.setenv(name.upper(), str(folder / name))
    monkeypatch.setenv("SITE", str(folder / "site.toml"))
    for name in ("THEME", "CONVERSATIONS"):
        monkeypatch.delenv(name, raising=False)
    for part in ("letters", "pages", "images"):
        (folder / "content" / part).mkdir(parents=True)
    set_language("sv")
    made = Site(places(), set_language)
    made.picture("portratt.svg")
    return made


def comment(number: int, **other: Any) -> dict[str, Any]:
    """A published comment as the service writes it."""
    return {
        "id": number,
        "state": "published",
        "author": f"Invånare {number}",
        "official": None,
        "created": f"2026-11-20T08:{number % 60:02}:00+00:00",
        "edited": None,
        "html": f"<p>Kommentar {number}.</p>",
        "answers": None,
        "replies": [],
        **other,
    }
