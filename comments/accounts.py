"""Moderators' accounts and the one-time links that sign them in."""

import secrets
import time
from typing import Any

import sqlalchemy as sa

from comments.reception import hash_secret, is_plain
from comments.storage import Storage, accounts, sign_in_links

LINK_SECONDS = 24 * 3600


def add(storage: Storage, email: str, name: str, title: str) -> dict[str, Any]:
    """Add an account, or give the one with that address its new name and title."""
    email = email.strip().lower()
    with storage.transaction():
        if find(storage, email) is None:
            storage.execute(accounts.insert().values(email=email, name=name, title=title))
        else:
            storage.execute(accounts.update().where(accounts.c.email == email).values(name=name, title=title))
        found = find(storage, email)
    assert found is not None
    return found


def find(storage: Storage, email: str) -> dict[str, Any] | None:
    """The account with that address, or None."""
    if not is_plain(email):
        return None
    return storage.row(sa.select(accounts).where(accounts.c.email == email.strip().lower()))


def signed_in(storage: Storage, email: object, sign_outs: object) -> dict[str, Any] | None:
    """The account that a session was begun for, unless it has signed out since.

    By its address: after a restore from a backup its number may be another person's.
    """
    if not isinstance(email, str):
        return None
    return storage.row(sa.select(accounts).where(accounts.c.email == email, accounts.c.sign_outs == sign_outs))


def sign_out(storage: Storage, id: int) -> None:
    """End every session of an account."""
    storage.execute(accounts.update().where(accounts.c.id == id).values(sign_outs=accounts.c.sign_outs + 1))


def new_link(storage: Storage, account: int) -> str:
    """The secret of a fresh sign-in link: works once, for 24 hours."""
    secret = secrets.token_urlsafe(24)
    values = {"token": hash_secret(secret), "account": account, "expires": time.time() + LINK_SECONDS}
    storage.execute(sign_in_links.insert().values(values))
    return secret


def use_link(storage: Storage, secret: str) -> dict[str, Any] | None:
    """The account that a link signs in, the first time and while it is fresh; None ever after."""
    usable = (
        (sign_in_links.c.token == hash_secret(secret))
        & sign_in_links.c.used.is_(None)
        & (sign_in_links.c.expires > time.time())
    )
    with storage.transaction():
        used = sign_in_links.update().where(usable).values(used=time.time()).returning(sign_in_links.c.account)
        account = storage.execute(used).scalar()
        return storage.row(sa.select(accounts).where(accounts.c.id == account))
