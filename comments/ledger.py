"""The log of all that happens to a comment. Rows are added, never changed: the database refuses it.

Each row's hash covers the row and the hash before it, so that a row that was changed, taken out or put in
between makes the chain break there. What a comment said stands in `editions`, and the row holds its digest:
disposal wipes the words and leaves the log whole.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from comments.masking import shown
from comments.storage import Storage, comments, editions, ledger

if TYPE_CHECKING:
    from comments.rendering import Renderer  # loads Isso, which takes long

AUTHOR = "author of the comment"
READER = "reader"
ASIDE = ("contested", "decision-upheld", "reported", "report-upheld", "report-dismissed", "needs-no-answer")
"""What is said about a comment and leaves it as it was."""
SAID = ("author", "email", "website", "text", "official")
"""What a writer says."""
KEPT = (*SAID, "masked")
"""What an edition keeps of a comment's row."""
PLACED = ("tid", "parent", "created")
"""What its digest covers besides: where the comment stands, which never changes."""

COVERED = ("id", "comment", "at", "who", "what", "reason", "note", "before", "after", "edition", "digest")
"""What a row's hash covers, in this order, after the hash before it."""

BEGINNING = "0" * 64
BATCH = 1000

_ROWS = sa.select(sa.func.max(ledger.c.id)).scalar_subquery()
HEAD = (_ROWS.label("rows"), sa.select(ledger.c.hash).where(ledger.c.id == _ROWS).scalar_subquery().label("head"))
"""The number of the last row and its hash, as columns of a query; both None where there is no row."""

NEW = comments.insert().returning(comments.c.id)
NEW_EDITION = editions.insert().returning(editions.c.id)

Row = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What `verify` found: how many rows fit, the last one's hash, and what is wrong with the next, if anything."""

    rows: int
    head: str
    fault: str | None = None


def _arrival() -> sa.TextClause:
    columns = ("tid", "parent", "root", "state", "created", *SAID, "sender", "token", "voters", "fingerprint", "asks")
    own, said = ", ".join(columns), ", ".join((*SAID, "salt"))
    told = ", ".join(("row", "at", "who", "what", "after", "digest"))
    return sa.text(
        f"WITH new AS (INSERT INTO comments ({own}) VALUES (:{own.replace(', ', ', :')}) RETURNING id), "  # noqa: S608
        f"kept AS (INSERT INTO editions (comment, {said}) SELECT new.id, :{said.replace(', ', ', :')} FROM new "
        "RETURNING comment, id) "
        'INSERT INTO ledger (comment, edition, id, at, who, what, "after", digest, hash) '
        f"SELECT comment, id, :{told.replace(', ', ', :')}, encode(sha256(convert_to("
        "concat(CAST(:first AS text), comment, CAST(:middle AS text), id, CAST(:last AS text)), 'UTF8')), 'hex') "
        "FROM kept RETURNING comment"
    )


ARRIVAL = _arrival()
"""All at once, on PostgreSQL, where each statement is a way to the server and back while all others wait.

What the hash covers comes in three parts: between them stand the numbers that the inserts themselves give.
"""


def receive(storage: Storage, row: Mapping[str, Any], head: Mapping[str, Any] | None = None) -> int:
    """Insert a comment that has come, with its first edition and its row here; gives its number."""
    if storage.engine.dialect.name != "postgresql":
        id: int = storage.execute(NEW, row).scalar_one()
        record(storage, "received", AUTHOR, None, {**row, "id": id}, head=head)
        return id
    head = head or storage.rows(sa.select(*HEAD))[0]
    said = {"token": None, **row, "salt": secrets.token_hex(16)}
    number, at, digested = (head["rows"] or 0) + 1, time.time(), digest(said)
    told = {"row": number, "at": at, "who": AUTHOR, "what": "received", "after": row["state"], "digest": digested}
    parts = {
        "first": _json([head["head"] or BEGINNING, number])[:-1] + ",",
        "middle": "," + _json([at, AUTHOR, "received", None, None, None, row["state"]])[1:-1] + ",",
        "last": "," + _json([digested])[1:],
    }
    return int(storage.execute(ARRIVAL, said | told | parts).scalar_one())


def record(
    storage: Storage,
    what: str,
    who: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    reason: str | None = None,
    note: str | None = None,
    head: Mapping[str, Any] | None = None,
) -> None:
    """Add a row, in the transaction of what it tells of.

    `what` is a past tense ("approved"), `who` an account's e-mail or "author of the comment"; `before` and
    `after` are the comment's row, None before it was received. `head` holds HEAD, where that was asked already.
    """
    edition = _edition(storage, before, after)
    if head is None:
        head = storage.rows(sa.select(*HEAD))[0]
    row = {
        "id": (head["rows"] or 0) + 1,
        "comment": after["id"],
        "at": time.time(),
        "who": who,
        "what": what,
        "reason": reason,
        "note": note,
        "before": before["state"] if before else None,
        "after": after["state"],
        "edition": edition[0] if edition else None,
        "digest": edition[1] if edition else None,
    }
    row["hash"] = chained(head["head"] or BEGINNING, row)
    storage.execute(ledger.insert(), row)


def _edition(storage: Storage, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> tuple[int, str] | None:
    """What a comment says from now on: a new edition where it says something else than before."""
    if before is None or any(before[name] != after[name] for name in KEPT):
        return None if after["state"] == "disposed" else _keep(storage, after)
    current = latest(storage, after["id"])
    return (current["edition"], current["digest"]) if current and current["edition"] else None


def _keep(storage: Storage, row: Mapping[str, Any]) -> tuple[int, str]:
    said = {name: row.get(name) for name in KEPT} | {"salt": secrets.token_hex(16)}
    id: int = storage.execute(NEW_EDITION, said | {"comment": row["id"]}).scalar_one()
    return id, digest({**row, **said})


def digest(edition: Mapping[str, Any]) -> str:
    """SHA-256 of what a comment said, where it stands and, if anything was, what was left of it unmasked; salted."""
    masked = edition.get("masked")
    covered = [edition["salt"], *(edition[name] for name in (*SAID, *PLACED))]
    return _sha256(covered if masked is None else [*covered, masked])


def chained(previous: str, row: Mapping[str, Any]) -> str:
    """The hash of a row that follows one with the hash `previous`."""
    return _sha256([previous, *(row[name] for name in COVERED)])


def _sha256(values: list[Any]) -> str:
    return hashlib.sha256(_json(values).encode("utf-8", "surrogatepass")).hexdigest()


def _json(values: list[Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def history(storage: Storage, comment: int) -> list[Row]:
    """All rows about one comment, oldest first; `text_before` is what an edit replaced."""
    said = sa.select(ledger, editions.c.text, editions.c.masked).outerjoin(editions, editions.c.id == ledger.c.edition)
    rows = storage.rows(said.where(ledger.c.comment == comment).order_by(ledger.c.id))
    for before, row in zip([None, *rows], rows, strict=False):
        row["text_before"] = before["text"] if before and before["text"] != row["text"] else None
    return rows


def latest(storage: Storage, comment: int) -> Row | None:
    """The newest row about one comment, or None."""
    newest = sa.select(ledger).where(ledger.c.comment == comment).order_by(ledger.c.id.desc()).limit(1)
    return storage.row(newest)


def decision(storage: Storage, comment: int) -> Row | None:
    """The newest row that brought a comment into the state it is in, whatever was said about it since; or None.

    What was undone decided nothing: the decision before it stands, and is its taker's.
    """
    state = sa.select(comments.c.state).where(comments.c.id == comment).scalar_subquery()
    moved = ledger.c.before.is_distinct_from(ledger.c.after) & (ledger.c.after == state) & (ledger.c.what != "undone")
    newest = sa.select(ledger).where(ledger.c.comment == comment, moved).order_by(ledger.c.id.desc()).limit(1)
    return storage.row(newest)


def edits(storage: Storage, comment: int) -> int:
    """How many times its author has changed a comment."""
    edited = sa.select(sa.func.count()).where(ledger.c.comment == comment, ledger.c.what == "edited")
    return storage.execute(edited).scalar() or 0


def verify(
    storage: Storage, render: "Renderer | None" = None, progress: Callable[[int], object] = lambda rows: None
) -> Verdict:
    """Recompute the chain from its beginning, then compare each comment with what the ledger says of it.

    With `render` also the html that is kept of it, which readers see, with what its text gives. Stops at the first
    row that doesn't fit. `progress` is told how many more rows were read.
    """
    rows, head = 0, BEGINNING
    for row in _all(storage, _with_edition(), ledger.c.id):
        fault = _fault(rows, head, row)
        if fault:
            return Verdict(rows, head, fault)
        rows, head = rows + 1, row["hash"]
        progress(1)
    for row in _all(storage, _with_last_row(), comments.c.id):
        fault = _strayed(row) or _shown_otherwise(row, render)
        if fault:
            return Verdict(rows, head, fault)
        progress(1)
    return Verdict(rows, head)


def holds(storage: Storage, head: str) -> bool:
    """Whether a head that was noted elsewhere is still in the chain.

    Whoever takes out the newest rows and undoes what they did leaves a ledger that `verify` finds whole:
    only a head that was kept where they could not reach it tells.
    """
    return head == BEGINNING or storage.row(sa.select(ledger.c.id).where(ledger.c.hash == head)) is not None


def _all(storage: Storage, query: sa.Select[Any], key: sa.Column[int]) -> Iterator[Row]:
    """The rows of a query by ascending key, read in batches."""
    last = 0
    while batch := storage.rows(query.where(key > last).order_by(key).limit(BATCH)):
        yield from batch
        last = batch[-1]["id"]


def _with_edition() -> sa.Select[Any]:
    said = [editions.c[name].label(f"said_{name}") for name in (*KEPT, "salt")]
    kept = editions.c.id.label("kept")
    now = [comments.c.id.label("there"), comments.c.state.label("state_now"), *(comments.c[name] for name in PLACED)]
    query = sa.select(ledger, kept, *now, *said).outerjoin(comments, comments.c.id == ledger.c.comment)
    return query.outerjoin(editions, editions.c.id == ledger.c.edition)


def _fault(rows: int, head: str, row: Row) -> str | None:
    id = row["id"]
    if id != rows + 1:
        return f"ledger row {rows + 1} is not there"
    if row["hash"] != chained(head, row):
        return f"ledger row {id}, about comment {row['comment']}, does not fit the row before it"
    if row["there"] is None:
        return f"comment {row['comment']}, which ledger row {id} tells of, is not there"
    if row["edition"] is None or (row["kept"] is None and row["state_now"] == "disposed"):
        return None
    told = {name: row[f"said_{name}"] for name in (*KEPT, "salt")} | {name: row[name] for name in PLACED}
    if row["kept"] is None or digest(told) != row["digest"]:
        where = f"or comment {row['comment']} does not stand where it stood"
        return f"edition {row['edition']}, which ledger row {id} tells of, is not what it was, {where}"
    return None


def _with_last_row() -> sa.Select[Any]:
    own = ledger.c.comment == comments.c.id
    newest = sa.select(sa.func.max(ledger.c.id)).where(own).correlate(comments).scalar_subquery()
    said = [editions.c[name].label(f"said_{name}") for name in KEPT]
    now = [comments.c[name] for name in ("id", "state", "root", "modified", "html", "renderer", *KEPT)]
    edited = sa.exists().where(own, ledger.c.what == "edited").correlate(comments).label("edited")
    answered = comments.alias("answered")
    top = sa.func.coalesce(answered.c.root, answered.c.id).label("top")
    query = sa.select(*now, top, edited, ledger.c.id.label("row"), ledger.c.after, *said)
    query = query.select_from(comments.outerjoin(answered, answered.c.id == comments.c.parent))
    query = query.outerjoin(ledger, ledger.c.id == newest)
    return query.outerjoin(editions, editions.c.id == ledger.c.edition)


def _strayed(row: Row) -> str | None:
    """What is wrong with a comment that is not as its last ledger row left it."""
    if row["row"] is None:
        return f"comment {row['id']} is not in the ledger"
    if row["state"] != row["after"]:
        return f"comment {row['id']} is {row['state']}, and ledger row {row['row']} left it {row['after']}"
    if row["root"] != row["top"]:
        return f"comment {row['id']} does not stand in the branch of what it answers"
    if row["edited"] and row["modified"] is None:
        return f"comment {row['id']} was edited, and does not say so (comments.modified)"
    if row["state"] != "disposed" and any(row[name] != row[f"said_{name}"] for name in KEPT):
        return f"comment {row['id']} does not say what it said at ledger row {row['row']}"
    return None


def _shown_otherwise(row: Row, render: "Renderer | None") -> str | None:
    """What is wrong with a comment that readers see in other words than it says."""
    kept = render is not None and row["html"] is not None and row["renderer"] == render.version
    if kept and render and row["html"] != render(shown(row)):
        return f"comment {row['id']} is shown in other words than it says (comments.html)"
    return None
