"""What is advised on titles and summaries."""

from pathlib import Path

import pytest

from plugins.advice_header import advise_header
from plugins.sources import parse


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (f"Title: {'x' * 71}\nSummary: {'y' * 100}", 1),
        ("Title: A", 1),
        ("Title: A\nSummary: ", 1),
        ("Title: A\nSummary: Kort.", 2),
        (f"Title: A\nSummary: {'y' * 201}", 2),
    ],
)
def test_titles_and_summaries_that_lists_cannot_show_are_advised_on(header: str, line: int) -> None:
    """Missing, short, long."""
    assert [found for found, _message in advise_header(parse(Path("a.md"), True, header), str)] == [line]


@pytest.mark.parametrize("length", [50, 200])
def test_others_are_not(length: int) -> None:
    """A title of 70 characters, a summary of 50 to 200."""
    source = parse(Path("a.md"), True, f"Title: {'x' * 70}\nSummary: {'y' * length}")
    assert not list(advise_header(source, str))


def test_a_page_needs_no_summary() -> None:
    """It stands in no list."""
    assert not list(advise_header(parse(Path("a.md"), False, "Title: A"), str))
