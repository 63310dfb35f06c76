"""What one build has to tell."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """What a build did; it succeeded when there are no `faults`, and `warnings` did not stop it.

    `findings` are those of the checks, errors and advice, as tables: file, line, message, level ("error", "advice").
    `set_aside` are the texts that are shown as they were, or not at all, until their errors are put right: tables of
    file, addresses, and whether the older text is `shown` (plugins/last_good.py).
    `next_change` is when the same sources will give other pages (seconds since 1970), None for never.
    """

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    set_aside: list[dict[str, Any]] = field(default_factory=list)
    letters: int = 0
    pages: int = 0
    comments: int = 0
    changed: int = 0
    seconds: float = 0.0
    next_change: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the site is now as its sources say; otherwise it is as it was."""
        return not self.faults
