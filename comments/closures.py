"""When letters take no comments, as the database has it: asked at every comment, and told to the site's builder."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from comments.storage import Storage, closures, threads
from common.closures import FORMAT, Closure

Row = dict[str, Any]

STANDS = closures.c.lifted.is_(None)
_columns = [closures.c[name] for name in ("kind", "starts", "ends", "notice")]
_everywhere = closures.outerjoin(threads, closures.c.thread == threads.c.id)
_listed = sa.select(threads.c.uri, *_columns).select_from(_everywhere)
STANDING = _listed.where(STANDS).order_by(closures.c.id)
CONCERNING = STANDING.where(closures.c.thread.is_(None) | (threads.c.uri == sa.bindparam("its_uri")))


def concern(thread: sa.ScalarSelect[int]) -> sa.ScalarSelect[int]:
    """Any one that holds at `now` for a thread (a query for its number), or for all; most letters have none."""
    now = sa.bindparam("now", type_=sa.Float(53))
    holds = STANDS & (closures.c.starts <= now) & (closures.c.ends.is_(None) | (closures.c.ends > now))
    ours = closures.c.thread.is_(None) | (closures.c.thread == thread)
    return sa.select(sa.func.max(closures.c.id)).where(holds, ours).scalar_subquery()


def concerning(storage: Storage, uri: str) -> list[Closure]:
    """Those of the letter at `uri`, and those of all letters."""
    return [Closure(**row) for row in storage.rows(CONCERNING, {"its_uri": uri})]


def standing_now(storage: Storage) -> list[Closure]:
    """All that nobody has lifted."""
    return [Closure(**row) for row in storage.rows(STANDING)]


def were_ever(storage: Storage) -> bool:
    """Whether anything was ever closed or opened by hand."""
    return storage.row(sa.select(closures.c.id).limit(1)) is not None


def public(found: list[Closure]) -> Row:
    """What the site's builder is told: {"format", "periods": [{starts, ends, notice}], "letters": [… uri, kind]}."""
    periods = [_told(each) for each in found if each.uri is None]
    letters = [{"uri": each.uri, "kind": each.kind, **_told(each)} for each in found if each.uri is not None]
    return {"format": FORMAT, "periods": periods, "letters": letters}


def _told(each: Closure) -> Row:
    return {"starts": _iso(each.starts), "ends": None if each.ends is None else _iso(each.ends), "notice": each.notice}


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
