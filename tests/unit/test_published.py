"""The shape of a published conversation."""

import json
from typing import Any

import pytest

from plugins.published import NotAConversation, read_conversation
from tests.site.conftest import comment


def read(*comments: dict[str, Any]) -> list[dict[str, Any]]:
    table = {"format": 1, "uri": "/2026/brev/", "count": 0, "comments": comments}
    return read_conversation(json.dumps(table).encode(), "/2026/brev/")


def test_each_reply_knows_whom_it_answers() -> None:
    """By name where the answered comment has one."""
    hidden = comment(3, state="hidden", author=None, answers=1)
    (top,) = read(comment(1, replies=[comment(2, answers=1), hidden, comment(4, answers=3)]))
    assert [reply["answers_author"] for reply in top["replies"]] == ["Invånare 1", "Invånare 1", None]


def test_what_we_do_not_know_is_left_out() -> None:
    """A newer service may add keys; a page must not show them by mistake."""
    (top,) = read(comment(1, email="a@b.example"))
    assert "email" not in top


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"}, {"id": True}, {"id": 0}, {"state": "pending"}, {"author": 7}, {"author": None},
        {"author": "\ud800"}, {"html": None}, {"created": "i går"}, {"created": "2026-11-20T08:00:00"},
        {"edited": 1}, {"answers": "1"}, {"replies": None}, {"replies": [7]}, {"official": False}, {"masked": "x"},
        {"replies": [comment(2, replies=[comment(3)])]}, {"replies": [comment(2, html=[])]},
    ],
)  # fmt: skip
def test_what_is_not_of_that_shape_is_refused(wrong: dict[str, Any]) -> None:
    """The whole file, and its last good version is used instead."""
    with pytest.raises(NotAConversation, match="must"):
        read(comment(1) | wrong)
