"""The comments as a moderator looks them up: lists by filter, by writer, by words, and what went before."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from comments.search import Search
from comments.storage import Storage, comments, editions, reports, reviews, threads

Row = dict[str, Any]

PAGE_SIZE = 12
PAGE_BYTES, CARD_BYTES = 22_000, 1_700
"""The cards of a page and what one weighs without its texts: the page is under 60 kB with all that it loads."""
MOST_COUNTED = 1000
"""No page waits until a million comments are counted."""

EARLIER = 5
"""So many of a writer's earlier comments are listed beside a case."""

COUNTED_STATES = ("pending", "published", "declined", "hidden")

_open_reports = sa.select(reports.c.comment).where(reports.c.state == "open")
_open_reviews = sa.select(reviews.c.comment).where(reviews.c.state == "open")

FILTERS: dict[str, sa.ColumnElement[bool]] = {
    "pending": comments.c.state == "pending",
    "contested": comments.c.id.in_(_open_reviews),
    "reported": comments.c.id.in_(_open_reports),
    "questions": (comments.c.asks == sa.text("1")) & (comments.c.state == "published"),
    "published": comments.c.state == "published",
    "declined": comments.c.state == "declined",
    "hidden": comments.c.state == "hidden",
    "all": sa.true(),
}
"""What each list holds; those of RISING begin with the comment that has waited longest."""

RISING = {"pending", "contested", "reported", "questions"}


class Cases:
    """Queries on comments with their letters and what they answer."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.search = Search(storage)

    def find(self, id: int) -> Row | None:
        """One comment, or None."""
        return self.storage.row(_cases().where(comments.c.id == id)) if 0 < id < 2**63 else None

    def cases(self, filter: str, after: int | None = None, most: int = PAGE_SIZE) -> list[Row]:
        """The comments of one of FILTERS that follow comment `after`."""
        return self._page(FILTERS[filter], after, most, rising=filter in RISING)

    def by_email(self, email: str, after: int | None = None, most: int = PAGE_SIZE) -> list[Row]:
        """The comments of one writer in all states that follow comment `after`, newest first."""
        return self._page(sa.func.lower(comments.c.email) == sa.func.lower(email), after, most, rising=False)

    def by_words(self, words: str, after: int | None = None, most: int = PAGE_SIZE) -> list[Row]:
        """The comments that hold all words, or words that begin so, newest first."""
        ids = self.search.find(words, after, most)
        return self._page(comments.c.id.in_(ids), None, most, rising=False) if ids else []

    def _page(self, which: sa.ColumnElement[bool], after: int | None, most: int, rising: bool) -> list[Row]:
        # By number, which is the order of arrival whatever the clock said; from a number on, not by counting
        # the pages before, which takes the longer the more there are.
        query = _cases().where(which).order_by(comments.c.id if rising else comments.c.id.desc()).limit(most)
        if after is not None:
            query = query.where(comments.c.id > after if rising else comments.c.id < after)
        return self.storage.rows(query)

    def counts(self) -> dict[str, int]:
        """Numbers of comments by filter, each counted up to MOST_COUNTED; those without any are left out."""
        found = {filter: self.storage.execute(_counted(filter)).scalar() or 0 for filter in FILTERS if filter != "all"}
        return {filter: number for filter, number in found.items() if number}

    def earlier(self, row: Row, most: int = EARLIER) -> list[Row]:
        """The same writer's comments before this one, newest first: by e-mail address, or by network without one."""
        before = _same_writer(row) & (comments.c.id < row["id"])
        query = sa.select(comments, threads.c.uri, threads.c.title).join(threads)
        return self.storage.rows(query.where(before).order_by(comments.c.id.desc()).limit(most))

    def outcomes(self, rows: Iterable[Row]) -> dict[int, dict[str, int]]:
        """What became of each writer's other comments, by the number of the comment in `rows`, then by state."""
        parts = [_outcomes(row) for row in rows if row["email"] or row["sender"]]
        found: dict[int, dict[str, int]] = {}
        for row in self.storage.rows(sa.union_all(*parts)) if parts else []:
            found.setdefault(row["of"], {})[row["state"]] = row["number"]
        return found


def _same_writer(row: Row) -> sa.ColumnElement[bool]:
    if row["email"]:
        return sa.func.lower(comments.c.email) == row["email"].lower()
    return (comments.c.sender == row["sender"]) & (comments.c.sender != "")


def _outcomes(row: Row) -> sa.Select[Any]:
    # The newest thousand are enough to know somebody by.
    others = _same_writer(row) & (comments.c.id != row["id"]) & comments.c.state.in_(COUNTED_STATES)
    some = sa.select(comments.c.state).where(others).limit(MOST_COUNTED).subquery()
    columns = sa.literal(row["id"], sa.BigInteger).label("of"), some.c.state, sa.func.count().label("number")
    return sa.select(*columns).group_by(some.c.state)


def fitting(rows: list[Row]) -> list[Row]:
    """As many of the first rows as make a light page, at least one."""
    weight, fit = 0, 0
    for row in rows[:PAGE_SIZE]:
        weight += CARD_BYTES + sum(len((row[name] or "").encode()) for name in ("text", "answered_text"))
        if fit and weight > PAGE_BYTES:
            break
        fit += 1
    return rows[:fit]


def edition(row: Row) -> str:
    """A mark of a comment as it stands: an edit gives another, and so does a restore that gave its number anew."""
    said = [row[name] for name in ("id", "created", "modified", "author", "text", "masked")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _counted(filter: str) -> sa.Select[Any]:
    # By number, so that the index that begins with the state is read, and no more of it than is counted.
    ids = sa.select(comments.c.id).where(FILTERS[filter]).order_by(comments.c.id)
    return sa.select(sa.func.count()).select_from(ids.limit(MOST_COUNTED).subquery())


def _cases() -> sa.Select[Any]:
    answered, same = comments.alias("answered"), comments.alias("same")
    # Plus nothing: or SQLite may look for the mark by number, in all comments before.
    earlier = same.c.id + sa.literal_column("0") < comments.c.id
    again = sa.exists().where(same.c.fingerprint == comments.c.fingerprint, earlier)
    # With a limit: or PostgreSQL may read all editions once rather than those of a page's comments.
    masked = sa.select(editions.c.id).where(editions.c.comment == comments.c.id, editions.c.masked.is_not(None))
    was_masked = masked.limit(1).scalar_subquery().is_not(None)
    return (
        sa.select(
            comments,
            threads.c.uri,
            threads.c.title,
            answered.c.author.label("answered_author"),
            answered.c.text.label("answered_text"),
            again.label("again"),
            was_masked.label("was_masked"),
        )
        .join_from(comments, threads, comments.c.tid == threads.c.id)
        .outerjoin(answered, answered.c.id == comments.c.parent)
    )
