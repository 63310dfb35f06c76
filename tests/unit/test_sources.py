"""How the header lines of a letter are read."""

from pathlib import Path

import pytest

from plugins.sources import parse


def test_header_lines_end_at_the_first_empty_line() -> None:
    """Keys are lower-case, and each knows its line."""
    source = parse(Path("a.md"), True, "Title: Ett: två\nDATE: 2026-01-01\n\nText.\nMer.\n")
    assert (source.get("title"), source.get("date")) == ("Ett: två", "2026-01-01")
    assert (source.line("date"), source.body, source.body_line) == (2, "Text.\nMer.\n", 4)


def test_a_long_value_goes_on_in_indented_lines() -> None:
    """As in Python-Markdown's own header lines."""
    source = parse(Path("a.md"), True, "Summary: Ett\n    två.\nTitle: X\n\nText.")
    assert (source.get("summary"), source.get("title")) == ("Ett två.", "X")


def test_a_header_may_stand_between_dashes() -> None:
    """As other programs write it."""
    source = parse(Path("a.md"), True, "---\nTitle: X\n---\nText.")
    assert (source.get("title"), source.body, source.body_line) == ("X", "Text.", 4)


@pytest.mark.parametrize("text", ["Bara text.\nMer.", "", "\n\n", "Bara text."])
def test_a_text_without_header_lines_has_none(text: str) -> None:
    """All of it is text."""
    source = parse(Path("a.md"), True, text)
    assert dict(source.header) == {}
    assert source.body.strip() == text.strip()


def test_a_key_given_twice_is_remembered() -> None:
    """The first counts, the second is a fault."""
    source = parse(Path("a.md"), True, "Title: X\nTitle: Y\n\n")
    assert (source.get("title"), [line.number for line in source.repeated]) == ("X", [2])
