"""The shape of a published conversation, as the comment service writes it and the site may show it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from plugins.wording import WordedError

Comment = dict[str, Any]

FORMAT = 1


class NotAConversation(WordedError):
    """A file that can't be shown; the message says what it must be."""


def read_conversation(data: bytes, uri: str) -> list[Comment]:
    """The top-level comments in a published file, each with its replies, oldest first.

    NotAConversation where the file is broken, half, or of another letter: nothing of it is used.
    """
    try:
        table = json.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotAConversation("must be whole JSON (%(why)s)", why=error) from None
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise NotAConversation('must have "format": %(format)d', format=FORMAT)
    if table.get("uri") != uri:
        raise NotAConversation('must have "uri": "%(uri)s"', uri=uri)
    if not isinstance(table.get("comments"), list):
        raise NotAConversation('must have a list of "comments"')
    comments = [_comment(entry, may_have_replies=True) for entry in table["comments"]]
    _name_answered(comments)
    return comments


def _comment(entry: Any, may_have_replies: bool) -> Comment:
    if not isinstance(entry, dict) or not _whole(entry.get("id")):
        raise NotAConversation('each of "comments" must be an object with a whole number "id"')
    entry = {"masked": False, "reason": None} | entry  # older files don't say either
    for key, right in _RULES.items():
        if key not in entry or not right(entry[key]):
            raise _wrong(entry, key)
    if entry["state"] == "published" and not entry["author"]:
        raise _wrong(entry, "author")
    if entry["replies"] and not may_have_replies:
        raise _wrong(entry, "replies")
    replies = [_comment(reply, may_have_replies=False) for reply in entry["replies"]]
    return {key: entry[key] for key in ("id", *_RULES)} | {"replies": replies}


def _wrong(entry: dict[str, Any], key: str) -> NotAConversation:
    return NotAConversation(
        'comment %(id)d: "%(key)s" must be as format %(format)d has it, not %(value).60r',
        id=entry["id"],
        key=key,
        format=FORMAT,
        value=entry.get(key),
    )


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _text(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, which no page could be written with
        return False
    return True


def _moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


_RULES: dict[str, Callable[[Any], bool]] = {
    "state": lambda value: value in ("published", "hidden", "held", "disposed"),
    "author": lambda value: value is None or _text(value),
    "official": lambda value: value is None or _text(value),
    "created": _moment,
    "edited": lambda value: value is None or _moment(value),
    "html": _text,
    "masked": lambda value: isinstance(value, bool),
    "reason": lambda value: value is None or _text(value),
    "answers": lambda value: value is None or _whole(value),
    "replies": lambda value: isinstance(value, list),
}


def everyone(comments: list[Comment]) -> Iterator[Comment]:
    """All comments, each followed by its replies."""
    for comment in comments:
        yield comment
        yield from comment["replies"]


def _name_answered(comments: list[Comment]) -> None:
    authors = {comment["id"]: comment["author"] for comment in everyone(comments)}
    for comment in everyone(comments):
        comment["answers_author"] = authors.get(comment["answers"])
