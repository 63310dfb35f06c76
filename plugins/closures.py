"""Which letters take comments now, by their own lines, their age, and what the moderators have closed."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from common.closures import FORMAT, Closure, next_change, standing
from plugins.published import NotAConversation

KINDS = ("closed", "open")
LAST = datetime(9999, 12, 30)
"""After which no calendar knows a day."""


def read_closures(data: bytes) -> list[Closure]:
    """The closures in the service's file; NotAConversation where it is broken: nothing of it is used."""
    try:
        table = json.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotAConversation("must be whole JSON (%(why)s)", why=error) from None
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise NotAConversation('must have "format": %(format)d', format=FORMAT)
    try:
        periods = [_closure(each, None, "closed") for each in table["periods"]]
        return periods + [_closure(each, each["uri"], each["kind"]) for each in table["letters"]]
    except (KeyError, TypeError, ValueError, OverflowError):
        message = 'must have lists of "periods" and "letters", as format %(format)d has them'
        raise NotAConversation(message, format=FORMAT) from None


def _closure(entry: dict[str, Any], uri: str | None, kind: str) -> Closure:
    ends, notice = entry["ends"], entry["notice"]
    if kind not in KINDS or not isinstance(notice, str) or not isinstance(uri, str | None):
        raise ValueError(entry)
    notice.encode("utf-8")  # a lone surrogate is no text that a page could be written with
    return Closure(uri, kind, _seconds(entry["starts"]), None if ends is None else _seconds(ends), notice)


def _seconds(text: str) -> float:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.timestamp()


def closing_time(letter: Any, days: int) -> datetime | None:
    """When a letter is too old for comments: at its own hour, so many days after its date; None for 0 days."""
    if not days or letter.date > LAST.replace(tzinfo=letter.date.tzinfo) - timedelta(days=days):
        return None
    closes: datetime = letter.date + timedelta(days=days)
    return closes


def mark(letters: Iterable[Any], closures: list[Closure], days: int, now: float) -> float | None:
    """Give each letter `closes`, `comments_open` and `closed_notice`; gives the next moment when that may change.

    What it says of itself is in its `takes_comments`; the notice is "" where nobody wrote one.
    """
    everywhere = [each for each in closures if each.uri is None]
    own: dict[str | None, list[Closure]] = {}
    for each in closures:
        own.setdefault(each.uri, []).append(each)
    times = []
    for letter in letters:
        letter.closes = closing_time(letter, days)
        times.append(letter.closes.timestamp() if letter.closes else None)
        stands = standing(letter.takes_comments, times[-1], everywhere + own.get(letter.uri, []), now)
        letter.comments_open, letter.closed_notice = stands.is_open, stands.notice
    return next_change(closures, times, now)
