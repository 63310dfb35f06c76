"""The log of what was decided about comments. Rows are added, never changed: the database refuses it."""

import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from comments.storage import Storage, ledger

AUTHOR = "author of the comment"
KEPT = ("state", "author", "text", "official")


def snapshot(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a comment's row before and after a decision."""
    return {name: row[name] for name in KEPT}


def record(
    storage: Storage,
    comment: int,
    who: str,
    what: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    reason: str | None = None,
    note: str | None = None,
) -> None:
    """Add a row: `who` is an account's e-mail or "author of the comment", `what` a past tense ("approved")."""
    values = {"comment": comment, "at": time.time(), "who": who, "what": what, "reason": reason, "note": note}
    storage.execute(ledger.insert().values(before=before, after=after, **values))


def history(storage: Storage, comment: int) -> list[dict[str, Any]]:
    """All rows about one comment, oldest first."""
    return storage.rows(sa.select(ledger).where(ledger.c.comment == comment).order_by(ledger.c.id))


def latest(storage: Storage, comment: int) -> dict[str, Any] | None:
    """The newest row about one comment, or None where nothing was decided yet."""
    newest = sa.select(ledger).where(ledger.c.comment == comment).order_by(ledger.c.id.desc()).limit(1)
    return storage.row(newest)
