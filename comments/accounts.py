"""Moderators' accounts: who they are, what they may do, and a log of what was done with each."""

import time
import unicodedata
from typing import Any

import sqlalchemy as sa

from comments import sessions
from comments.reception import is_plain, is_visible
from comments.storage import Storage, account_log, accounts, challenges, passkeys, recovery_codes, sign_in_links
from common.fact_values import MOST_CHARACTERS

Row = dict[str, Any]

ROLES = ("moderator", "author", "admin")
LOG_LENGTH = 100
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Signs that have what follows read in another order (Unicode UAX 9)."""
TERMINAL = "the terminal"
"""Who did what no signed-in account did."""

NO_SECOND_FACTOR = {"totp": None, "totp_step": None}


class LastAdmin(ValueError):
    """Somebody must be left who can see to the accounts."""


def add(storage: Storage, email: str, name: str, title: str, role: str = "moderator", who: str = TERMINAL) -> Row:
    """Add an account, or open the one with that address again and give it its new name, title and role."""
    email = email.strip().lower()
    values = {"name": name, "title": title, "role": role, "closed": None}
    with storage.transaction():
        before = find(storage, email)
        if before is None:
            storage.execute(accounts.insert().values(email=email, **values))
        else:
            _keep_an_admin(storage, before, role)
            storage.execute(accounts.update().where(accounts.c.id == before["id"]).values(values))
        found = find(storage, email)
        assert found is not None
        if before != found:
            log(storage, found["id"], who, "changed" if before else "added", role)
    return found


def is_signature(text: str) -> bool:
    """Whether a name or an office can stand under official answers: short, plain, visible, read as it is written."""
    turned = any(unicodedata.bidirectional(sign) in TURNING for sign in text)
    return len(text) <= MOST_CHARACTERS and is_plain(text) and is_visible(text) and not turned


def find(storage: Storage, email: str) -> Row | None:
    """The account with that address, closed ones too, or None."""
    if not is_plain(email):
        return None
    return storage.row(sa.select(accounts).where(accounts.c.email == email.strip().lower()))


def get(storage: Storage, id: int) -> Row | None:
    """The account with that number, closed ones too, or None."""
    return storage.row(sa.select(accounts).where(accounts.c.id == id)) if 0 < id < 2**63 else None


def everyone(storage: Storage) -> list[Row]:
    """All accounts, the open ones first, by name; each with `key_count`, the number of its passkeys."""
    keys = sa.select(sa.func.count()).where(passkeys.c.account == accounts.c.id).scalar_subquery()
    query = sa.select(accounts, keys.label("key_count"))
    return storage.rows(query.order_by(accounts.c.closed.is_not(None), accounts.c.name, accounts.c.id))


def change(storage: Storage, account: Row, who: str, **values: Any) -> None:
    """Give an account another name, title or role; LastAdmin where nobody would be left to see to the accounts."""
    changed = {name: value for name, value in values.items() if account[name] != value}
    if not changed:
        return
    with storage.transaction():
        _keep_an_admin(storage, account, values.get("role", account["role"]))
        storage.execute(accounts.update().where(accounts.c.id == account["id"]).values(changed))
        for name, value in changed.items():
            log(storage, account["id"], who, f"{name}-changed", value)


def close(storage: Storage, account: Row, who: str) -> None:
    """Nobody signs in to it any more, and whoever is, is out; what it decided stays signed by it. LastAdmin."""
    with storage.transaction():
        _keep_an_admin(storage, account, None)
        storage.execute(accounts.update().where(accounts.c.id == account["id"]).values(closed=time.time()))
        sessions.end_all(storage, account["id"])
        storage.execute(sign_in_links.delete().where(sign_in_links.c.account == account["id"]))
        log(storage, account["id"], who, "closed")


def reset(storage: Storage, account: Row, who: str) -> None:
    """Take all second factors away, for one who has lost them; the next sign-in asks for a new one."""
    with storage.transaction():
        storage.execute(accounts.update().where(accounts.c.id == account["id"]).values(NO_SECOND_FACTOR))
        for table in (passkeys, recovery_codes, challenges):
            storage.execute(table.delete().where(table.c.account == account["id"]))
        sessions.end_all(storage, account["id"])
        log(storage, account["id"], who, "second-factor-reset")


def has_second_factor(storage: Storage, account: Row) -> bool:
    """Whether there is an app that shows codes, or a passkey."""
    if account["totp"]:
        return True
    return storage.row(sa.select(passkeys.c.id).where(passkeys.c.account == account["id"]).limit(1)) is not None


def log(storage: Storage, account_id: int, who: str, what: str, note: str = "") -> None:
    """Note what was done with an account, in the running transaction where there is one."""
    values = {"account": account_id, "at": time.time(), "who": who, "what": what, "note": note[:500] or None}
    storage.execute(account_log.insert().values(values))


def history(storage: Storage, account_id: int, most: int = LOG_LENGTH) -> list[Row]:
    """What was done with an account, the latest first."""
    query = sa.select(account_log).where(account_log.c.account == account_id)
    return storage.rows(query.order_by(account_log.c.id.desc()).limit(most))


def _keep_an_admin(storage: Storage, account: Row, role: str | None) -> None:
    if account["role"] != "admin" or account["closed"] or role == "admin":
        return
    # Locked, so that of two admins who close each other one is left (SQLite has one writer anyway).
    query = sa.select(accounts.c.id).where(accounts.c.role == "admin", accounts.c.closed.is_(None))
    if not {row["id"] for row in storage.rows(query.with_for_update())} - {account["id"]}:
        raise LastAdmin(account["email"])
