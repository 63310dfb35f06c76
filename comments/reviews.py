"""A writer's request that another moderator look again at a decision, once for each decision."""

import time
from typing import Any

import sqlalchemy as sa

from comments import ledger
from comments.reception import is_plain
from comments.storage import Storage, comments, reviews
from comments.storage import ledger as rows

Row = dict[str, Any]

CONTESTABLE = ("declined", "hidden")
WORDS_CHARACTERS = 2000


class NotContestable(ValueError):
    """There is no decision to look at again: the comment is neither declined nor hidden, or it was asked already."""


class SamePerson(ValueError):
    """Whoever took a decision can't be the one who looks at it again."""


class StillOpen(ValueError):
    """The writer waits for another look: until then the comment can't be disposed of."""


class NoReview(ValueError):
    """Nobody asked, or somebody has looked already."""


def contest(storage: Storage, comment_row: Row, words: str) -> int:
    """Ask that another moderator look again at the decision about a comment; gives the request's number.

    `words` say why, up to WORDS_CHARACTERS of plain text, or nothing; NotContestable, or ValueError about them.
    They stay out of the ledger, which nobody can wipe.
    """
    words = words.replace("\r\n", "\n").strip()
    if len(words) > WORDS_CHARACTERS or not is_plain(words, "\n\t"):
        raise ValueError(f"words must be plain text of at most {WORDS_CHARACTERS} characters")
    with storage.transaction():
        row = _comment(storage, comment_row["id"])
        decision = ledger.decision(storage, row["id"])
        settled = decision is None or is_contested(storage, decision) or open_review(storage, row["id"])
        if decision is None or settled or row["state"] not in CONTESTABLE:
            raise NotContestable(row["state"])
        values = {"comment": row["id"], "words": words, "first": decision["who"], "created": time.time()}
        id: int = storage.execute(reviews.insert().returning(reviews.c.id), values).scalar_one()
        ledger.record(storage, "contested", ledger.AUTHOR, row, row)
    return id


def is_contested(storage: Storage, decision: Row) -> bool:
    """Whether the writer has asked for another look at that decision, a row of the ledger."""
    later = (rows.c.comment == decision["comment"]) & (rows.c.id > decision["id"]) & (rows.c.what == "contested")
    return storage.row(sa.select(rows.c.id).where(later).limit(1)) is not None


def settle(storage: Storage, comment_id: int, who: str, changed: bool, note: str = "") -> Row:
    """Keep what came of the open request about a comment, in the running transaction; gives its row.

    Where the decision is `changed`, the new one has its own row in the ledger; where it stands, the row is written
    here. SamePerson where `who` took the decision; NoReview where none is open, but for the one just so settled.
    """
    with storage.transaction():
        review = newest(storage, comment_id)
        state = "changed" if changed else "upheld"
        if review is not None and (review["state"], review["who"]) == (state, who):
            return review
        if review is None or review["state"] != "open":
            raise NoReview(comment_id)
        if who.casefold() == review["first"].casefold():
            raise SamePerson(who)
        outcome = {"state": state, "who": who, "note": note or None, "decided": time.time()}
        storage.execute(reviews.update().where(reviews.c.id == review["id"]).values(outcome))
        if not changed:
            row, decision = _comment(storage, comment_id), ledger.decision(storage, comment_id)
            reason = decision["reason"] if decision else None
            ledger.record(storage, "decision-upheld", who, row, row, reason, note or None)
    return review | outcome


def newest(storage: Storage, comment: int) -> Row | None:
    """The newest request about a comment, open or settled; None if there was none."""
    return storage.row(sa.select(reviews).where(reviews.c.comment == comment).order_by(reviews.c.id.desc()).limit(1))


def open_review(storage: Storage, comment: int) -> Row | None:
    """The request about a comment that waits for another moderator, or None."""
    found = newest(storage, comment)
    return found if found and found["state"] == "open" else None


def reopen(storage: Storage, comment: int, since: float) -> None:
    """When a decision is undone: what it settled at `since` (seconds since 1970) or later waits again."""
    settled = (reviews.c.comment == comment) & (reviews.c.decided >= since)
    again = {"state": "open", "who": None, "note": None, "decided": None}
    storage.execute(reviews.update().where(settled).values(again))


def forget(storage: Storage, comment: int) -> None:
    """When a comment is disposed of: wipe what its writer said about the decision, and what was answered."""
    storage.execute(reviews.update().where(reviews.c.comment == comment).values(words="", note=None))


def _comment(storage: Storage, id: int) -> Row:
    return storage.rows(sa.select(comments).where(comments.c.id == id))[0]
