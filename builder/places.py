"""Where a build reads and writes: the Makefile's variables, read from the environment in one place."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import FileSystemBytecodeCache

from plugins.wording import WordedError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Places:
    """Absolute paths; `conversations` is a folder or an http(s) address of the published conversations."""

    content: Path
    output: Path
    data: Path
    site: Path
    theme: Path
    conversations: str

    @property
    def published(self) -> Path:
        """The folder where the service of this machine writes the published conversations."""
        return self.data / "published"

    def environment(self) -> dict[str, str]:
        """The variables that give a process started by this one the same places, wherever it runs."""
        names = ("content", "output", "data", "site", "theme", "conversations")
        return {name.upper(): str(getattr(self, name)) for name in names}


def places(environment: Mapping[str, str] = os.environ) -> Places:
    """The places that CONTENT, OUTPUT, DATA, SITE, THEME and CONVERSATIONS name, or the project's own."""

    def path(name: str, default: str) -> Path:
        return Path(environment.get(name) or ROOT / default).expanduser().resolve()

    data = path("DATA", "var")
    conversations = environment.get("CONVERSATIONS") or str(data / "published")
    return Places(
        content=path("CONTENT", "content"),
        output=path("OUTPUT", "output"),
        data=data,
        site=path("SITE", "site.toml"),
        theme=path("THEME", "theme"),
        conversations=conversations,
    )


class NoPlace(WordedError):
    """A folder that somebody named is none."""


def check_sources(where: Places) -> None:
    """Raise NoPlace where there is no folder of letters, or of the theme's templates."""
    if not where.content.is_dir():
        raise NoPlace('CONTENT must be a folder of letters; "%(folder)s" is none', folder=where.content)
    if not (where.theme / "templates").is_dir():
        raise NoPlace(
            'THEME must be a folder with a folder "templates" in it; "%(folder)s" is none', folder=where.theme
        )


def template_cache(where: Places) -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept from one build to the next; None where nothing can be written.

    Those of the project's own theme lie beside them, as Python's compiled modules do, and serve every site.
    """
    own = [where.theme / "__pycache__"] if where.theme == ROOT / "theme" else []
    for folder in (*own, where.data / "templates"):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return FileSystemBytecodeCache(str(folder))
    return None
