"""What the service is told from outside: the Makefile's variables, read from the environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.facts import Facts, read_facts

ROOT = Path(__file__).parent.parent


class SettingsError(Exception):
    """The service can't start; the message says in one line what to do."""


@dataclass(frozen=True)
class Settings:
    """Where things are. `letters` is a path or an address of letters.json; `proxies` counts trusted ones."""

    data: Path
    letters: str
    site: Path = ROOT / "site.toml"
    theme: Path = ROOT / "theme"
    rate_limit: bool = True
    proxies: int = 0
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", read_facts(self.site))

    @property
    def published(self) -> Path:
        """The folder of the published conversations."""
        return self.data / "published"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "comments.db"

    def secret_key(self) -> str:
        """The key that signs cookies: SECRET_KEY, or $DATA/secret, made on first start with mode 600."""
        if os.environ.get("SECRET_KEY"):
            return os.environ["SECRET_KEY"]
        path = self.data / "secret"
        try:
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        key = path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) < 32:  # a crash or a full disk at first start left it empty: anyone could sign with that
            raise SettingsError(f"{path}: must hold a key of at least 32 characters; delete it to get a new one")
        return key


def read_settings(config: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `config` over the environment; SettingsError or FactsError where they can't be right."""
    given = {**os.environ, **(config or {})}
    output = Path(given.get("OUTPUT", "output"))
    return Settings(
        data=_writable(Path(given.get("DATA", "var"))),
        letters=str(given.get("LETTERS") or output / "letters.json"),
        site=Path(given.get("SITE", Settings.site)),
        theme=Path(given.get("THEME", Settings.theme)),
        rate_limit=given.get("RATE_LIMIT") != "off",
        proxies=_count(given.get("TRUSTED_PROXIES", "0")),
    )


def _writable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f'DATA must be a folder that can be written to, not "{folder}" ({error.strerror}); '
            "give another: make serve DATA=/path"
        ) from None
    return folder.resolve()


def _count(text: str) -> int:
    if not str(text).isdigit():
        raise SettingsError(f'TRUSTED_PROXIES must be the number of reverse proxies in front, not "{text}"')
    return int(text)
