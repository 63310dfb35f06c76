"""The Nu HTML checker finds neither error nor warning in what is published."""

from pathlib import Path

from tests.published import Published
from tests.tools import html_checker, needs

pytestmark = needs("java")


def test_the_published_pages_are_right(public_site: Published) -> None:
    """Every page of the site."""
    assert html_checker.check(public_site.where.output) == []


def test_a_wrong_page_is_found(tmp_path: Path) -> None:
    """An error, and a warning that nobody lives with."""
    page = '<!doctype html><html lang="sv"><title>Å</title><h1>Å</h1><p id="a"></p><p id="a"></p><td align="right">'
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    found = "\n".join(html_checker.check(tmp_path))
    assert "index.html:1: Duplicate ID “a”" in found
