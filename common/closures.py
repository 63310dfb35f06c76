"""When a letter takes comments: the one rule, which the site and the comment service both follow.

Times are seconds since 1970. Whatever closes wins over whatever opens: the letter's own line first, then a
period for all letters, then a moderator's hand, then the letter's age.
"""

from collections.abc import Iterable
from dataclasses import dataclass

FILE = "closures.json"
"""What the service writes beside the published conversations, and the builder reads there."""

FORMAT = 1


@dataclass(frozen=True)
class Closure:
    """A time in which the letter at `uri`, or every letter (None), takes no comments.

    Of kind "open" it is one in which the letter takes some although its own time is over. `ends` is None where
    nobody has said when.
    """

    uri: str | None
    kind: str
    starts: float
    ends: float | None
    notice: str = ""

    def holds(self, now: float) -> bool:
        """Whether that time is now; its first second belongs to it, its last does not."""
        return self.starts <= now and (self.ends is None or now < self.ends)


@dataclass(frozen=True)
class Standing:
    """Why a letter takes no comments: "letter", "period", "closed" or "late"; "open" where it takes some."""

    why: str
    notice: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it takes comments."""
        return self.why == "open"


def standing(takes: bool, closes: float | None, closures: Iterable[Closure], now: float) -> Standing:
    """How a letter stands: `takes` is its own line, `closes` when it is too old.

    `closures` are its own and those of all letters.
    """
    if not takes:
        return Standing("letter")
    held = [each for each in closures if each.holds(now)]
    closed = [each for each in held if each.kind == "closed"]
    for why, found in (
        ("period", [each for each in closed if each.uri is None]),
        ("closed", [each for each in closed if each.uri is not None]),
    ):
        if found:
            return Standing(why, max(found, key=lambda each: each.starts).notice)
    if closes is not None and closes <= now and not any(each.kind == "open" for each in held):
        return Standing("late")
    return Standing("open")


def next_change(closures: Iterable[Closure], closes: Iterable[float | None], now: float) -> float | None:
    """The first moment after `now` at which any letter may begin or cease to take comments; None for never."""
    moments = [moment for each in closures for moment in (each.starts, each.ends)]
    return min((each for each in (*moments, *closes) if each is not None and each > now), default=None)
