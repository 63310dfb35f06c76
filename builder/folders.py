"""The watched folders, and whether they are still the ones that were: a watch is on a folder, not on its name."""

import os
from pathlib import Path


class Folders:
    """Holds the folders open meanwhile, so that no new one can get the inode number of one that has gone."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    def __enter__(self) -> "Folders":
        self.held = [os.open(path, os.O_RDONLY) for path in self.paths if path.is_dir()]
        self.identities = [_identity(path) for path in self.paths]
        return self

    def __exit__(self, *_error: object) -> None:
        for number in self.held:
            os.close(number)

    def present(self) -> list[Path]:
        """Those that were there at first."""
        return [path for path, identity in zip(self.paths, self.identities, strict=True) if identity]

    def replaced(self) -> bool:
        """Whether one has come, gone, or been put in another's place (by git, or by rename)."""
        return self.identities != [_identity(path) for path in self.paths]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = folder.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
