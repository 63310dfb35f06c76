"""Personal details that a moderator masks: nobody rewrites what a resident wrote, a detail in it can be covered."""

from collections.abc import Mapping
from typing import Any

MASK = "[personuppgift borttagen]"
MARKED = r"\[personuppgift borttagen\]"
"""The same in Markdown, where brackets before a parenthesis would make a link."""

DETAIL_CHARACTERS = 500


class NotThere(ValueError):
    """A detail that the text doesn't hold; carries it as `detail`."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def mask(text: str, details: list[str]) -> str:
    """The text with each detail, wherever it stands, covered by the mark; NotThere where one doesn't stand in it."""
    parts = _between(text)
    for detail in sorted(details, key=len, reverse=True):  # a name before the first name that it begins with
        if not any(detail in part for part in parts[::2]):
            raise NotThere(detail)
        turns = [_between(part, detail) if index % 2 == 0 else [part] for index, part in enumerate(parts)]
        parts = [piece for turn in turns for piece in turn]
    return "".join(parts)


def _between(text: str, detail: str = MARKED) -> list[str]:
    """What stands between the places of a detail, and marks in its place, by turns: what a mark says is never searched.

    Begins and ends with text.
    """
    pieces: list[str] = []
    for piece in text.split(detail):
        pieces += [MARKED, piece] if pieces else [piece]
    return pieces


def shown(row: Mapping[str, Any]) -> str:
    """A comment's text as readers see it, in Markdown; `row` holds `text` and `masked`."""
    masked: str | None = row["masked"]
    return row["text"] if masked is None else masked
