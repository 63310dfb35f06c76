"""The letters as moderators see them: how each stands, how many comments it has, who closed and opened it."""

import time
from typing import Any

import sqlalchemy as sa

from comments import closures as standing_closures
from comments.cases import MOST_COUNTED
from comments.letters import Letter
from comments.storage import Storage, closures, comments, threads
from common.closures import standing

Row = dict[str, Any]

PAGE_SIZE = 20
MOST_ACTS = 5
"""So many of what was closed and opened by hand are told of each letter, the newest first."""


def _counted(state: str) -> sa.ScalarSelect[int]:
    """How many comments of a thread are in a state, by the index and up to a bound."""
    some = sa.select(sa.literal(1)).where(comments.c.tid == threads.c.id, comments.c.state == state)
    few = some.limit(MOST_COUNTED).correlate(threads).subquery()
    return sa.select(sa.func.count()).select_from(few).correlate(threads).scalar_subquery()


_numbers = [_counted(state).label(state) for state in ("published", "pending")]
KNOWN = sa.select(threads.c.id, threads.c.uri, *_numbers)


def fitting(letters: list[Letter], words: str) -> list[Letter]:
    """Those whose title or address holds the words, in any case."""
    wanted = words.casefold()
    return [letter for letter in letters if wanted in letter.title.casefold() or wanted in letter.uri]


def listed(storage: Storage, letters: list[Letter]) -> list[Row]:
    """What the desk shows of each of these letters: {"letter", "stands", "published", "pending", "acts"}."""
    known = {row["uri"]: row for row in storage.rows(KNOWN.where(threads.c.uri.in_([each.uri for each in letters])))}
    stand = standing_closures.standing_now(storage)
    acts = _acts(storage, [row["id"] for row in known.values()])
    now = time.time()
    return [
        {
            "letter": letter,
            "stands": standing(
                letter.comments_open, letter.closes, [each for each in stand if each.uri in (None, letter.uri)], now
            ),
            "by_hand": any(each.uri == letter.uri and each.kind == "closed" for each in stand),
            "published": known.get(letter.uri, {}).get("published", 0),
            "pending": known.get(letter.uri, {}).get("pending", 0),
            "acts": acts.get(known.get(letter.uri, {}).get("id", 0), [])[:MOST_ACTS],
        }
        for letter in letters
    ]


def _acts(storage: Storage, ids: list[int]) -> dict[int, list[Row]]:
    """What moderators did with each of these threads, the newest first: {"at", "who", "what", "notice"}."""
    found: dict[int, list[Row]] = {}
    for row in storage.rows(sa.select(closures).where(closures.c.thread.in_(ids)).order_by(closures.c.id)):
        acts = found.setdefault(row["thread"], [])
        acts.append({"at": row["starts"], "who": row["who"], "what": row["kind"], "notice": row["notice"]})
        if row["lifted"] is not None and row["kind"] == "closed":
            acts.append({"at": row["lifted"], "who": row["lifted_by"], "what": "open", "notice": ""})
    return {thread: _without_twins(acts) for thread, acts in found.items()}


def _without_twins(acts: list[Row]) -> list[Row]:
    """The newest first, each once: to open a letter may both lift what closed it and say that its age does not."""
    kept: list[Row] = []
    for act in sorted(acts, key=lambda each: each["at"]):
        if not kept or (kept[-1]["what"], kept[-1]["who"]) != (act["what"], act["who"]):
            kept.append(act)
    return kept[::-1]
