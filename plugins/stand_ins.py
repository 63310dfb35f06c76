"""Which files are read in place of texts that have errors; plugins/last_good.py chooses them, in the preview alone."""

from pathlib import Path

stand_ins: dict[Path, Path] = {}
"""By the path of the text itself. Of the build that is under way, and empty in all others."""


def file_of(path: Path) -> Path:
    """The file to read for a text."""
    return stand_ins.get(path, path)
