"""Official answers that are not published yet: one for each moderator and comment."""

import hashlib
import json
import time
from collections.abc import Mapping
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
    """The drafts under a comment, each with its writer's `email` and `writer`, and `edition`."""
    found = storage.rows(_drafts().where(drafts.c.comment == comment).order_by(drafts.c.id))
    return [draft | {"edition": edition(draft)} for draft in found]


def find(storage: Storage, id: int) -> dict[str, Any] | None:
    """One draft, or None."""
    return storage.row(_drafts().where(drafts.c.id == id)) if 0 < id < 2**63 else None


def take(storage: Storage, id: int, seen: str) -> dict[str, Any] | None:
    """A draft taken out, in the running transaction; None where it is gone, or is not what was `seen` any more.

    Of two who come for it, one gets it, and what nobody has read is never published.
    """
    with storage.transaction():
        draft = find(storage, id)
        if draft is None or edition(draft) != seen:
            return None
        storage.execute(drafts.delete().where(drafts.c.id == id))
    return draft


def edition(draft: Mapping[str, Any]) -> str:
    """A mark of a draft as it stands: another text, or another name under it, gives another."""
    said = [draft[name] for name in ("id", "state", "name", "office", "text")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _drafts() -> sa.Select[Any]:
    return sa.select(drafts, accounts.c.email, accounts.c.name.label("writer")).join(accounts)
