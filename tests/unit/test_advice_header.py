"""What is advised on titles and summaries."""

from pathlib import Path

import pytest

from plugins.advice_header import advise_header
from plugins.prose import sentences
from plugins.sources import parse

BODY = "\n\n" + "ord " * 100


def lines(text: str, is_letter: bool = True) -> list[int]:
    """The lines that are advised on."""
    source = parse(Path("a.md"), is_letter, text)
    return [line for line, _message in advise_header(source, list(sentences(source.body, "sv")), str)]


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
    assert lines(header + BODY) == [line]


@pytest.mark.parametrize("length", [50, 200])
def test_others_are_not(length: int) -> None:
    """A title of 70 characters, a summary of 50 to 200."""
    assert not lines(f"Title: {'x' * 70}\nSummary: {'y' * length}{BODY}")


def test_neither_a_page_nor_a_very_short_letter_needs_a_summary() -> None:
    """The one stands in no list; of the other all stands there."""
    assert not lines(f"Title: A{BODY}", is_letter=False)
    assert not lines(f"Title: A\n\n{'ord ' * 99}\n\n<!-- {BODY} -->")
