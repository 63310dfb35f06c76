"""A line of the table that `make bench` prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, what we want, and whether they meet (None where there is no goal)."""

    what: str
    measured: str
    goal: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        """ "ok", "MISSED" or nothing."""
        return {True: "ok", False: "MISSED", None: ""}[self.met]


def at_most(what: str, value: float, limit: float, unit: str) -> Row:
    """A figure that should not exceed its limit."""
    return Row(what, f"{value:,.6g} {unit}", f"≤ {limit:,.6g} {unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str) -> Row:
    """A figure that should reach its limit."""
    return Row(what, f"{value:,.6g} {unit}", f"≥ {limit:,.6g} {unit}", value >= limit)
