"""The passkeys of accounts: whose they are, what they are called; passkey_checks.py asks browsers for them."""

import base64
import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from comments.reception import is_plain
from comments.storage import Storage, passkeys

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

NAME_CHARACTERS = 100
CREDENTIAL_CHARACTERS = 1400
"""Of an id as base64url: it may have 1023 bytes (Web Authentication, 4.)."""
MOST = 20
"""So many passkeys an account may have: the browser is told all of them when another is added."""

Row = dict[str, Any]


class PasskeyRefused(Exception):
    """A passkey was not taken; `why` is "old", "unknown", "untrue", "there", "many" or "last"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Place:
    """Whose passkeys these are: the relying party's id (a host name), the origin it is served at, and its name."""

    id: str
    origin: str
    name: str


def place(address: str, name: str) -> Place:
    """The relying party at an address; only what the service knows of itself, never what a request says of it."""
    parts = urlsplit(address)
    return Place(parts.hostname or "", f"{parts.scheme}://{parts.netloc}", name)


def of(storage: Storage, account: int) -> list[Row]:
    """An account's passkeys, the oldest first, each with `id`, `name`, `created` and `used` (seconds, UTC)."""
    return storage.rows(sa.select(passkeys).where(passkeys.c.account == account).order_by(passkeys.c.id))


def is_full(storage: Storage, account: int) -> bool:
    """Whether an account has as many as it may."""
    return len(of(storage, account)) >= MOST


def handle(here: Place, account: int) -> bytes:
    """What an authenticator knows the account by: 32 bytes that tell nothing of the person (14.6.1)."""
    return hashlib.sha256(f"{here.id} {account}".encode()).digest()


def keep(storage: Storage, account: Row, new: "VerifiedRegistration", name: str) -> int:
    """Keep a checked passkey under a name of 1 to 100 characters; gives its number, or PasskeyRefused."""
    credential = base64.urlsafe_b64encode(new.credential_id).decode().rstrip("=")
    if len(credential) > CREDENTIAL_CHARACTERS:
        raise PasskeyRefused("untrue")
    row = {"account": account["id"], "credential": credential, "name": name, "created": time.time()}
    key = {"key": new.credential_public_key, "sign_count": new.sign_count}
    with storage.transaction():
        if is_full(storage, account["id"]):
            raise PasskeyRefused("many")
        if storage.row(sa.select(passkeys.c.id).where(passkeys.c.credential == credential)):
            raise PasskeyRefused("there")
        return storage.execute(passkeys.insert().values(row | key).returning(passkeys.c.id)).scalar_one()


def rename(storage: Storage, account: int, id: int, name: str) -> bool:
    """Give an account's passkey another name; whether it has one of that number."""
    mine = (passkeys.c.id == id) & (passkeys.c.account == account)
    return id < 2**63 and storage.execute(passkeys.update().where(mine).values(name=name)).rowcount > 0


def remove(storage: Storage, account: Row, id: int) -> str | None:
    """Remove an account's passkey; gives its name, or None where there is none of that number.

    PasskeyRefused("last") where it is the account's only second factor: without one, a password alone would do.
    """
    with storage.transaction():
        mine = {row["id"]: row for row in of(storage, account["id"])}
        if id not in mine:
            return None
        if len(mine) == 1 and not has_another(account):
            raise PasskeyRefused("last")
        storage.execute(passkeys.delete().where(passkeys.c.id == id))
    return str(mine[id]["name"])


def has_another(account: Row) -> bool:
    """Whether an account has a second factor beside its passkeys: a code, or all that the provider asks for."""
    return account["totp"] is not None or account["subject"] is not None


def name_flaw(name: str) -> bool:
    """Whether a passkey can't be called that: nothing, too long, or what can't be shown."""
    return not name or len(name) > NAME_CHARACTERS or not is_plain(name)
