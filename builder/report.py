"""What one build has to tell."""

import contextlib
import os
import sys
from dataclasses import dataclass, field
from typing import Any, NoReturn

MOST_FILES = 200
"""So many names of changed files are told; who wants to know more looks at the whole site."""


def leave(code: int) -> NoReturn:
    """End this process with what it has printed; taking apart what a build has in memory takes half as long again."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError):  # whoever has read enough may go
            stream.flush()
    os._exit(code)


@dataclass
class Report:
    """What a build did; it succeeded when there are no `faults`, and `warnings` did not stop it.

    `findings` are those of the checks, errors and advice, as tables: file, line, message, level ("error", "advice").
    `unread` is the number of texts that the next builds advise on.
    `set_aside` are the texts that are shown as they were, or not at all, until their errors are put right: tables of
    file, addresses, and whether the older text is `shown` (plugins/last_good.py). `moved` tells by former addresses of
    texts which they have now, "" for none (plugins/moved.py). `changed_files` are the paths in the site of files
    written or removed, the first of them. `next_change` is when the same sources will give other pages
    (seconds since 1970), None for never. `is_lost` tells that it went wrong in a way nobody foresaw, so that the
    process had better end.
    """

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    unread: int = 0
    set_aside: list[dict[str, Any]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    letters: int = 0
    pages: int = 0
    comments: int = 0
    changed: int = 0
    changed_files: list[str] = field(default_factory=list)
    seconds: float = 0.0
    next_change: float | None = None
    is_lost: bool = False

    def tell_changed(self, names: list[str]) -> None:
        """Add files that were written or removed."""
        self.changed += len(names)
        self.changed_files = [*self.changed_files, *names][:MOST_FILES]

    @property
    def ok(self) -> bool:
        """Whether the site is now as its sources say; otherwise it is as it was."""
        return not self.faults

    def table(self) -> dict[str, Any]:
        """All of it by its names, and whether it is `ok`, as JSON has it."""
        return {**vars(self), "ok": self.ok}
