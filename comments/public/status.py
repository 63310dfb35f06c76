"""A writer's private page: where the comment is in its life, why, and the request for another look."""

import math
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import ledger, reviews
from comments.answers import failure
from comments.masking import shown
from comments.public.pages import address, form_values, private, showable
from comments.reception import hash_secret
from comments.service import service
from comments.statistics import median_hours
from comments.storage import comments, threads

status = Blueprint("status", __name__, url_prefix="/kommentarer/status")

Row = dict[str, Any]

MOST_ANSWERS = 50


@status.get("/<token>")
def page(token: str) -> Response:
    """Where the comment is in its life and, if it is not published, why."""
    return _page(_own(token), token)


@status.post("/<token>/omprovning")
def contest(token: str) -> BaseResponse:
    """Ask another moderator to look again: once for each decision, pressed twice it is the same request."""
    row = _own(token)
    words = form_values(("text",))["text"]
    try:
        with service().storage.transaction():
            reviews.contest(service().storage, row, words)
            service().notices.comment_waits()
    except reviews.NotContestable:
        if not reviews.open_review(service().storage, row["id"]):
            return failure(409, service().words.gettext("There is no decision about this comment to look at again."))
    except ValueError:
        told = service().words.gettext("Write at most %d characters of plain text.")
        return _page(row, token, words, told % reviews.WORDS_CHARACTERS)
    return redirect(url_for("status.page", token=token) + "#omprovning", 303)


def _own(token: str) -> Row:
    """The comment that a link's secret opens, with its letter; 404 for any other."""
    query = sa.select(comments, threads.c.uri, threads.c.title).join(threads)
    row = service().storage.row(query.where(comments.c.token == hash_secret(token)))
    if row is None:
        abort(404)
    return row


def _page(row: Row, token: str, words: str = "", flaw: str | None = None) -> Response:
    storage = service().storage
    decision = ledger.decision(storage, row["id"])
    html = render_template(
        "public/status.html",
        row=row,
        text=shown(row),
        token=token,
        address=address(row),
        decision=decision,
        reasons=service().moderation.reasons(),
        steps=[row for row in ledger.history(storage, row["id"]) if row["what"] not in UNTOLD],
        review=reviews.newest(storage, row["id"]),
        may_contest=row["state"] in reviews.CONTESTABLE and not _is_contested(decision),
        answers=_answers(row),
        ends=[service().followers.secret(each) for each in service().followers.of(row["id"])],
        median=_median_hours(),
        words=showable(words),
        flaw=flaw,
        most=reviews.WORDS_CHARACTERS,
    )
    return private(html, 400 if flaw else 200)


UNTOLD = ("reported", "report-upheld", "report-dismissed", "needs-no-answer")
"""What others said about a comment is not its writer's to know."""


def _is_contested(decision: Row | None) -> bool:
    return decision is not None and reviews.is_contested(service().storage, decision)


def _answers(row: Row) -> list[Row]:
    """The published answers to a comment, official ones first."""
    below = (comments.c.parent == row["id"]) & (comments.c.state == "published")
    found = service().storage.rows(sa.select(comments).where(below).order_by(comments.c.id).limit(MOST_ANSWERS))
    return sorted(found, key=lambda answer: answer["official"] is None)


def _median_hours() -> int | None:
    """Working hours, one at least, within which half of the comments of the last 90 days were decided about."""
    hours = median_hours(service().storage)
    return None if hours is None else max(1, math.ceil(hours))
