"""What is said to the person who pushes: line by line, as it happens, and nothing that a terminal would obey."""

import re
import sys
from collections.abc import Callable, Sequence

from plugins.wording import Gettext

Say = Callable[[str], None]

MOST_LINES = 50
"""Findings that are told; whoever pushes 10,000 faulty files reads no more."""

_OBEYED = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text in one line, with signs that a terminal obeys written out: "\\x1b"; bytes that are no UTF-8 as well."""
    plain = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], plain)


def say(text: str) -> None:
    """Print a line at once; git sends it on. BrokenPipeError where nobody listens any more."""
    print(clean(text), file=sys.stderr, flush=True)


def say_anyway(text: str) -> None:
    """The same for what must be done whether anybody listens or not."""
    try:
        say(text)
    except OSError:
        # What is still in the buffer must not fail again at the end.
        sys.stderr = open("/dev/null", "w", encoding="utf-8")  # noqa: PTH123, SIM115


def silent(_text: str) -> None:
    """Say nothing, where it has been said or nobody is there to hear it."""


def say_lines(lines: Sequence[str], say: Say, _: Gettext, most: int = MOST_LINES) -> None:
    """Say the first lines, and how many more there are."""
    for line in lines[:most]:
        say(line)
    if len(lines) > most:
        say(_("… and %(number)d more.") % {"number": len(lines) - most})
