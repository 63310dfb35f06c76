"""Official answers that are not published yet: one for each moderator and comment."""

import time
from typing import Any

import sqlalchemy as sa

from comments.storage import Storage, accounts, drafts


def save(storage: Storage, comment: int, account: int, name: str, office: str, text: str, proposed: bool) -> None:
    """Keep what a moderator has written; `proposed` where another one is to publish it."""
    state = "proposed" if proposed else "draft"
    values = {"state": state, "name": name, "office": office, "text": text, "updated": time.time()}
    own = (drafts.c.comment == comment) & (drafts.c.account == account)
    with storage.transaction():
        if not storage.execute(drafts.update().where(own).values(values)).rowcount:
            storage.execute(drafts.insert().values(values | {"comment": comment, "account": account}))


def of(storage: Storage, comment: int) -> list[dict[str, Any]]:
    """The drafts under a comment, each with its writer's `email` and `writer`, the oldest first."""
    return storage.rows(_drafts().where(drafts.c.comment == comment).order_by(drafts.c.id))


def find(storage: Storage, id: int) -> dict[str, Any] | None:
    """One draft, or None."""
    return storage.row(_drafts().where(drafts.c.id == id)) if 0 < id < 2**63 else None


def discard(storage: Storage, id: int) -> None:
    """Throw one away."""
    storage.execute(drafts.delete().where(drafts.c.id == id))


def _drafts() -> sa.Select[Any]:
    return sa.select(drafts, accounts.c.email, accounts.c.name.label("writer")).join(accounts)
