"""One line of the header of a letter or page, however it is written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A header line's number in its file, counted from 1, its key as written, and its value."""

    number: int
    key: str
    value: str
