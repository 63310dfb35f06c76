"""Moderators' accounts and the one-time links that sign them in."""

import secrets
import time
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from comments.reception import hash_secret, is_plain
from comments.storage import Storage, StorageBusy, accounts, sessions, sign_in_links

LINK_SECONDS = 24 * 3600
SESSION_SECONDS = 12 * 3600
"""A session ends after this long, whatever is done in it."""
IDLE_SECONDS = 2 * 3600
"""And after this long in which nothing was."""
SEEN_SECONDS = 60
AGENT_CHARACTERS = 300


def add(storage: Storage, email: str, name: str, title: str, role: str = "moderator") -> dict[str, Any]:
    """Add an account, or give the one with that address its new name, title and role."""
    email = email.strip().lower()
    with storage.transaction():
        if find(storage, email) is None:
            storage.execute(accounts.insert().values(email=email, name=name, title=title, role=role))
        else:
            values = {"name": name, "title": title, "role": role}
            storage.execute(accounts.update().where(accounts.c.email == email).values(values))
        found = find(storage, email)
    assert found is not None
    return found


def find(storage: Storage, email: str) -> dict[str, Any] | None:
    """The account with that address, or None."""
    if not is_plain(email):
        return None
    return storage.row(sa.select(accounts).where(accounts.c.email == email.strip().lower()))


def begin_session(storage: Storage, account: int, how: str, agent: str = "") -> str:
    """Sign an account in; gives the secret that the browser's cookie holds. `how` names what it signed in by."""
    secret, now = secrets.token_urlsafe(32), time.time()
    shown = "".join(character for character in agent if is_plain(character))[:AGENT_CHARACTERS]
    values = {"token": hash_secret(secret), "account": account, "created": now, "seen": now}
    storage.execute(sessions.insert().values(values | {"how": how, "agent": shown}))
    return secret


def signed_in(storage: Storage, secret: object) -> dict[str, Any] | None:
    """The open account that a session belongs to, with the session's number as `session`; None once it has ended."""
    if not isinstance(secret, str):
        return None
    now = time.time()
    query = sa.select(accounts, sessions.c.id.label("session"), sessions.c.seen.label("session_seen"))
    query = query.join_from(accounts, sessions, sessions.c.account == accounts.c.id)
    fresh = (sessions.c.created > now - SESSION_SECONDS) & (sessions.c.seen > now - IDLE_SECONDS)
    account = storage.row(query.where(sessions.c.token == hash_secret(secret), fresh, accounts.c.closed.is_(None)))
    if account and account["session_seen"] < now - SEEN_SECONDS:
        with suppress(StorageBusy):
            seen = sessions.update().where(sessions.c.id == account["session"]).values(seen=now)
            storage.execute(seen)
    return account


def sign_out(storage: Storage, id: int) -> None:
    """End every session of an account."""
    storage.execute(sessions.delete().where(sessions.c.account == id))


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
