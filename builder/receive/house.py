"""The folder on the server where what is pushed is received, built and shown."""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builder.receive.talk import Say
from common.facts import language_of
from common.language import translations
from plugins.wording import Gettext

MAIN = "refs/heads/main"
KEEP = 10
"""Releases that are kept unless KEEP in the settings says otherwise."""
AGAIN_SECONDS = 60
"""After which what failed is tried again, and conversations are read anew that lie at an address."""
TOKEN_CHARACTERS = 32
"""Of a preview's address, in hexadecimal: 128 bits."""
SITE = "site.toml"


@dataclass(frozen=True)
class House:
    """The paths below `root`, and its settings file as a table."""

    root: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def repository(self) -> Path:
        """The bare repository that people push to."""
        return self.root / "site.git"

    @property
    def current(self) -> Path:
        """The link to the published site, which the web server serves."""
        return self.root / "current"

    def work(self, name: str) -> Path:
        """The folder where a branch is built: source/ as it was pushed last, and site/ as it was built last."""
        return self.root / "work" / name

    @property
    def data(self) -> Path:
        """What the builds keep: pictures that were made, the last good conversations."""
        return Path(self.settings.get("DATA") or self.root / "var")

    @property
    def conversations(self) -> str:
        """Folder or address of the published conversations."""
        return self.settings.get("CONVERSATIONS") or str(self.data / "published")

    @property
    def is_remote(self) -> bool:
        """Whether they lie at an address."""
        return self.conversations.startswith(("http://", "https://"))

    @property
    def keep(self) -> int:
        """How many releases are kept, 2 at least: one to go back to."""
        text = self.settings.get("KEEP", "")
        return max(2, int(text)) if text.isdecimal() else KEEP

    def words(self) -> Gettext:
        """gettext in the language of the site that was pushed last, else in Swedish."""
        return translations(language_of(self.work("main") / "source" / SITE)).gettext

    def token(self, branch: str) -> str:
        """The part of a preview's address that nobody can guess: made of the branch's name and the server's secret."""
        secret = (self.root / "secret").read_bytes()
        return hmac.new(secret, branch.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[
            :TOKEN_CHARACTERS
        ]

    def pin(self) -> dict[str, Any] | None:
        """What a rollback has noted: the commit that is shown, and which one of main it was put in the place of."""
        try:
            table: dict[str, Any] = json.loads((self.root / "rolled-back.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return table

    def set_pin(self, table: dict[str, Any] | None) -> None:
        """Note a rollback, or that there is none any more."""
        file = self.root / "rolled-back.json"
        if table is None:
            file.unlink(missing_ok=True)
        else:
            write_json(file, table)


def read_house(root: Path) -> House:
    """The house in that folder, with the lines KEY=value of its file `settings`."""
    with contextlib.suppress(FileNotFoundError):
        lines = (root / "settings").read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#")]
        return House(root, {key.strip(): value.strip().strip("\"'") for key, _equals, value in pairs})
    return House(root)


@contextlib.contextmanager
def locked(house: House, say: Say) -> Iterator[int]:
    """Wait until nobody else builds or switches; gives the lock's file descriptor.

    Programs that are started meanwhile get it too: should this process be killed, the next one waits for them.
    """
    with (house.root / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _ = house.words()
            say(_("Another publication is under way. Waiting for it …"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def write_json(file: Path, table: Mapping[str, Any]) -> None:
    """Write a file in one step."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8") as opened:
        json.dump(table, opened, ensure_ascii=False)
        opened.flush()
        os.fsync(opened.fileno())  # a power cut must leave the old one or the new one
    fresh.replace(file)
