"""Who is signed in, on which browsers: rows that the cookie's secret finds, and that end."""

import secrets
import time
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from comments.reception import hash_secret, is_plain
from comments.storage import Storage, StorageBusy, accounts, sessions

Row = dict[str, Any]

SESSION_SECONDS = 12 * 3600
"""A session ends after this long, whatever is done in it (OWASP ASVS 5.0, 7.3.2)."""
IDLE_SECONDS = 2 * 3600
"""And after this long in which nothing was (7.3.1)."""
SEEN_SECONDS = 60
AGENT_CHARACTERS = 300


def begin(storage: Storage, account: int, how: str, agent: str = "") -> str:
    """Sign an account in; gives the secret that the browser's cookie holds. `how` names what it signed in by."""
    secret, now = secrets.token_urlsafe(32), time.time()
    shown = "".join(character for character in agent if is_plain(character))[:AGENT_CHARACTERS]
    values = {"token": hash_secret(secret), "account": account, "created": now, "seen": now}
    with storage.transaction():
        storage.execute(sessions.delete().where(sessions.c.account == account, sa.not_(_fresh(now))))
        storage.execute(sessions.insert().values(values | {"how": how, "agent": shown}))
    return secret


def signed_in(storage: Storage, secret: object, by_hand: bool = True) -> Row | None:
    """The open account that a session belongs to; None once the session has ended.

    What a page asks for by itself (not `by_hand`) keeps no session awake.

    The session's number, beginning and way are there as `session`, `session_created` and `session_how`.
    """
    if not isinstance(secret, str):
        return None
    now = time.time()
    its = [sessions.c[name].label(f"session_{name}") for name in ("created", "seen", "how")]
    query = sa.select(accounts, sessions.c.id.label("session"), *its)
    query = query.join_from(accounts, sessions, sessions.c.account == accounts.c.id)
    account = storage.row(
        query.where(sessions.c.token == hash_secret(secret), _fresh(now), accounts.c.closed.is_(None))
    )
    if by_hand and account and account["session_seen"] < now - SEEN_SECONDS:
        with suppress(StorageBusy):
            storage.execute(sessions.update().where(sessions.c.id == account["session"]).values(seen=now))
    return account


def of(storage: Storage, account: int) -> list[Row]:
    """The sessions of an account that have not ended, the latest used first."""
    query = sa.select(sessions).where(sessions.c.account == account, _fresh(time.time()))
    return storage.rows(query.order_by(sessions.c.seen.desc(), sessions.c.id.desc()))


def end_secret(storage: Storage, secret: object) -> None:
    """End the session that a cookie holds, if any."""
    if isinstance(secret, str):
        storage.execute(sessions.delete().where(sessions.c.token == hash_secret(secret)))


def end(storage: Storage, account: int, id: int) -> bool:
    """End one session of an account; whether it had such a one."""
    own = (sessions.c.account == account) & (sessions.c.id == id)
    return 0 < id < 2**63 and storage.execute(sessions.delete().where(own)).rowcount > 0


def end_all(storage: Storage, account: int, but: int | None = None) -> None:
    """End every session of an account, but for one where a number is given."""
    storage.execute(sessions.delete().where(sessions.c.account == account, sessions.c.id != (but or 0)))


def _fresh(now: float) -> sa.ColumnElement[bool]:
    return (sessions.c.created > now - SESSION_SECONDS) & (sessions.c.seen > now - IDLE_SECONDS)
