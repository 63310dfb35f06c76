"""What people have told of the site's accessibility: what waits, what is handled, and marking it so."""

from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments.cases import MOST_COUNTED
from comments.desk.blueprint import desk
from comments.feedback import NOTE_CHARACTERS
from comments.public.pages import showable
from comments.reception import Rejected
from comments.service import service

PAGE_SIZE = 10


@desk.get("/tillganglighet")
def feedback() -> Response:
    """What waits, oldest first; or, with visa=hanterat, what was handled, newest first."""
    return _list_page()


def _list_page(id: int = 0, rejected: Rejected | None = None) -> Response:
    """The page; a note that won't do stands on it again, at message `id`."""
    done = request.args.get("visa") == "hanterat"
    after = request.args.get("efter", type=int)
    rows, after = _rows(done, after if after and 0 < after < 2**63 else None)
    page = render_template(
        "desk/feedback.html",
        rows=rows[:PAGE_SIZE],
        done=done,
        number=_number(service().feedback.number()),
        after=after,
        next=rows[PAGE_SIZE - 1]["id"] if len(rows) > PAGE_SIZE else None,
        rejected=rejected,
        typed={"id": id, "note": showable(request.form.get("note", ""))},
        most=NOTE_CHARACTERS,
    )
    return Response(page, rejected.status if rejected else 200)


def _rows(done: bool, after: int | None) -> tuple[list[dict[str, Any]], int | None]:
    find = service().feedback.handled if done else service().feedback.waiting
    rows = find(after, PAGE_SIZE + 1)
    if after and not rows:  # it may have been emptied since it was linked to
        return find(None, PAGE_SIZE + 1), None
    return rows, after


def _number(counted: int) -> str:
    return str(counted) if counted < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


@desk.post("/tillganglighet/<int:id>")
def handle_feedback(id: int) -> BaseResponse:
    """Mark it as handled, with a note of what was done."""
    try:
        service().feedback.handle(id, g.account["email"], request.form.get("note", ""))
    except Rejected as rejected:
        if rejected.status == 404:
            abort(404)
        return _list_page(id, rejected)
    flash(service().words.gettext("Number %d is handled.") % id)
    return redirect(url_for("desk.feedback", efter=request.args.get("efter")))
