"""What the checks tell: where something is in a text, what about it, and whether it must or might be changed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Level = Literal["error", "advice"]
Remark = tuple[int, str]
"""A line, counted from 1, and what is to be said about it: what the checks of one source yield."""


@dataclass(frozen=True, order=True)
class Finding:
    """Something in a file that must be put right ("error"), or might be ("advice"); str() is `file:line: message`."""

    path: str
    line: int
    message: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"

    @property
    def place(self) -> str:
        """`file:line`, which terminals and editors make a link of."""
        return f"{short(self.path)}:{self.line}"

    @property
    def stops(self) -> bool:
        """Whether nothing can be built or committed with it."""
        return self.level == "error"

    def table(self) -> dict[str, Any]:
        """The finding as JSON tells it: file, line, message, level."""
        return {"file": short(self.path), "line": self.line, "message": self.message, "level": self.level}


class ContentFaults(Exception):
    """The site can't be built; `findings` names every reason, and advice on all texts but those `unread`."""

    def __init__(self, findings: list[Finding], unread: int = 0) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings
        self.unread = unread

    @property
    def faults(self) -> list[Finding]:
        """What stops the build."""
        return [finding for finding in self.findings if finding.stops]


def short(path: str) -> str:
    """The path as seen from the working directory, where it lies in it; a name that is no UTF-8 with � in it."""
    seen = path.removeprefix(f"{Path.cwd()}{os.sep}")
    return seen.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
