"""What the service is told from outside: the Makefile's variables, read from the environment."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import URL

from common.facts import Facts, read_facts
from common.machine import obstacle

KEY_CHARACTERS = 32
ROOT = Path(__file__).parent.parent


class SettingsError(Exception):
    """The service can't start; the message says in one line what to do."""


@dataclass(frozen=True)
class Provider:
    """The OpenID Connect provider of the organisation's own accounts; `issuer` as its discovery document spells it."""

    issuer: str
    client: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """Where things are. `letters` is a path or an address of letters.json; `proxies` counts trusted ones."""

    data: Path
    letters: str
    site: Path
    theme: Path
    database_url: str = ""
    smtp: str = field(default="", repr=False)  # it may hold a password
    rate_limit: bool = True
    proxies: int = 0
    provider: Provider | None = None
    facts: Facts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", read_facts(self.site))
        self._check_sign_in()

    def _check_sign_in(self) -> None:
        """SettingsError where nobody could ever sign in the way that is set up."""
        sign_in = self.facts.sign_in
        if self.provider and not sign_in.groups:
            raise SettingsError(
                f"{self.site}: [sign_in.groups] must give at least one group a role, or unset OIDC_ISSUER"
            )
        if not self.provider and not sign_in.password:
            raise SettingsError(f'{self.site}: "sign_in.password" must be true where OIDC_ISSUER is not set')

    @property
    def published(self) -> Path:
        """The folder of the published conversations."""
        return self.data / "published"

    @property
    def database(self) -> str | URL:
        """The database's address: DATABASE_URL, or that of the SQLite file in DATA."""
        return self.database_url or URL.create("sqlite", database=str(self.data / "comments.db"))

    def secret_key(self) -> str:
        """The key that signs cookies: SECRET_KEY, or $DATA/secret, made on first start with mode 600."""
        path = self.data / "secret"
        given = os.environ.get("SECRET_KEY")
        if not given and not path.exists():
            _write_secret(path)
        key = given or path.read_text(encoding="ascii", errors="replace").strip()
        if len(key) < KEY_CHARACTERS:  # anyone could sign with an empty or short one
            where, mend = ("SECRET_KEY", "") if given else (path, "; delete it to get a new one")
            raise SettingsError(f"{where}: must hold a key of at least {KEY_CHARACTERS} characters{mend}")
        return key


def read_settings(config: Mapping[str, Any] | None = None) -> Settings:
    """Settings from `config` over the environment; SettingsError or FactsError where they can't be right."""
    given = {**os.environ, **(config or {})}

    def path(name: str, default: str) -> Path:
        return Path(given.get(name) or ROOT / default).expanduser().resolve()

    return Settings(
        data=_writable(path("DATA", "var")),
        letters=str(given.get("LETTERS") or path("OUTPUT", "output") / "letters.json"),
        site=path("SITE", "site.toml"),
        theme=path("THEME", "theme"),
        database_url=str(given.get("DATABASE_URL") or ""),
        smtp=str(given.get("SMTP") or ""),
        rate_limit=given.get("RATE_LIMIT") != "off",
        proxies=_count(given.get("TRUSTED_PROXIES", "0")),
        provider=_provider(given),
    )


def _provider(given: Mapping[str, Any]) -> Provider | None:
    issuer, client, secret = (
        str(given.get(name) or "").strip() for name in ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    )
    if not issuer:
        return None
    if not is_safe(issuer):
        raise SettingsError(f'OIDC_ISSUER must be an address that begins with https://, not "{issuer}"')
    for name, value in (("OIDC_CLIENT_ID", client), ("OIDC_CLIENT_SECRET", secret)):
        if not value:
            raise SettingsError(f"{name} must be set where OIDC_ISSUER is")
    return Provider(issuer, client, secret)


def is_safe(address: str) -> bool:
    """Whether nobody on the way can read or change what is asked there: https, or this machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in ("localhost", "127.0.0.1")))


def _write_secret(path: Path) -> None:
    """A new key, whole from the start and for its owner alone; the first of two processes gives it."""
    draft = path.with_name(f".secret-{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _writable(folder: Path) -> Path:
    why = obstacle(folder)
    if why:
        raise SettingsError(
            f'DATA must be a folder that can be written to, not "{folder}" ({why}); give another: make serve DATA=/path'
        )
    return folder


def _count(text: str) -> int:
    if not str(text).isdigit():
        raise SettingsError(f'TRUSTED_PROXIES must be the number of reverse proxies in front, not "{text}"')
    return int(text)
