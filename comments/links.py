"""One-time links of accounts: from the terminal, to accept an invitation, to choose a new password."""

import secrets
import time
from typing import Any

import sqlalchemy as sa

from comments.reception import hash_secret
from comments.storage import Storage, accounts, sign_in_links

Row = dict[str, Any]

HOUR = 3600
SECONDS = {"terminal": 24 * HOUR, "invitation": 72 * HOUR, "password": HOUR}
"""For how long a link of each purpose works. "terminal" signs in: whoever prints it has the machine anyway."""


def new(storage: Storage, account: int, purpose: str) -> str:
    """The secret of a fresh link; an earlier one for the same purpose works no more, but for the terminal's."""
    secret, now = secrets.token_urlsafe(24), time.time()
    spent = sign_in_links.c.expires < now
    if purpose != "terminal":
        spent |= sign_in_links.c.purpose == purpose
    values = {"token": hash_secret(secret), "account": account, "expires": now + SECONDS[purpose], "purpose": purpose}
    with storage.transaction():
        storage.execute(sign_in_links.delete().where(sign_in_links.c.account == account, spent))
        storage.execute(sign_in_links.insert().values(values))
    return secret


def look(storage: Storage, secret: str) -> Row | None:
    """The open account that a usable link belongs to, with the link's `purpose`; None for any other."""
    query = sa.select(accounts, sign_in_links.c.purpose).join_from(accounts, sign_in_links)
    return storage.row(query.where(_usable(secret), accounts.c.closed.is_(None)))


def use(storage: Storage, secret: str) -> Row | None:
    """The same, the first time and while it is fresh; None ever after."""
    with storage.transaction():
        found = look(storage, secret)
        used = sign_in_links.update().where(_usable(secret)).values(used=time.time())
        return found if found and storage.execute(used).rowcount else None


def _usable(secret: str) -> sa.ColumnElement[bool]:
    fresh = sign_in_links.c.used.is_(None) & (sign_in_links.c.expires > time.time())
    return (sign_in_links.c.token == hash_secret(secret)) & fresh
