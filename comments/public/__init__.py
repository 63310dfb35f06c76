"""What residents meet: the form's answer, the reply form, the published conversations; and the pages beside."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response as BaseResponse

from comments.answers import app_json, failure, wants_json
from comments.masking import shown
from comments.public.pages import HONEYPOT, address, json_object, showable
from comments.public.pages import published as published_comment
from comments.reception import Received, Rejected
from comments.service import service
from comments.storage import StorageBusy, comments, threads

public = Blueprint("public", __name__, url_prefix="/kommentarer")

FIELDS = ("uri", "parent", "author", "email", "notify", "text")


@public.post("/ny")
def new() -> Response:
    """Take a comment from the form (or a JSON object with the same fields): 202, or 4xx with what to mend."""
    values = _values()
    try:
        if values[HONEYPOT]:
            raise Rejected(400, service().words.gettext("Leave the last field empty; it is there for robots."))
        received = service().reception.receive(values, request.remote_addr or "")
    except Rejected as rejected:
        return _rejection(rejected, values)
    except StorageBusy:
        again = service().words.gettext("The comment could not be taken right now. Try again in a while.")
        return _rejection(Rejected(503, again), values)
    return _receipt(received, values["uri"], bool(values["notify"]))


def _values() -> dict[str, str]:
    if request.mimetype == "application/json":
        source: Any = json_object()
    elif request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        source = request.form
    else:
        raise UnsupportedMediaType
    return {name: _text(name, source.get(name)) for name in (*FIELDS, HONEYPOT)}


def _text(name: str, value: object) -> str:
    """A field as text: JSON may leave it out or say null, and may give the parent as a number."""
    if value is None:
        return ""
    if name == "notify":
        return _ticked(value)
    if name == "parent" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        abort(400)
    return value


def _ticked(value: object) -> str:
    """A box: "1" where it is ticked, which JSON may also say as true or 1; "" where not."""
    if value in ("", "0", 0):  # False is 0
        return ""
    if value not in ("1", 1):
        abort(400)
    return "1"


def _receipt(received: Received, uri: str, notify: bool) -> Response:
    _ = service().words.gettext
    link = url_for("status.page", token=received.secret)
    promise = service().settings.facts.comments.promise
    next = _("A moderator reads it %s. When it is approved it is shown under the letter.") % promise
    if notify:
        next += " " + _("Then we mail you, and you can confirm your address to get a mail when somebody answers.")
    answer = {
        "id": received.id,
        "state": "pending",
        "message": _("Thank you! Your comment has been received."),
        "next": next,
        "status_url": link,
    }
    if wants_json():
        return Response(app_json(answer), 202, mimetype="application/json")
    return Response(render_template("public/receipt.html", uri=uri, **answer), 202)


def _rejection(rejected: Rejected, values: dict[str, str]) -> Response:
    if wants_json():
        body = app_json({"error": rejected.message, "errors": rejected.errors})
        return Response(body, rejected.status, mimetype="application/json")
    if rejected.status in (403, 404) or service().letters.get(values["uri"]) is None:
        return failure(rejected.status, rejected.message, showable(values["text"]))
    return _form(values, rejected)


def _form(values: dict[str, str], rejected: Rejected | None = None) -> Response:
    letter = service().letters.get(values["uri"])
    page = render_template(
        "public/form.html",
        letter=letter,
        values={name: showable(value) for name, value in values.items()},
        errors=rejected.errors if rejected else {},
        message=rejected.message if rejected else None,
        # What it answers is left out where the database is away: the text must be back at once.
        answers=None if rejected and rejected.status == 503 else _answered(values["parent"]),
    )
    return Response(page, rejected.status if rejected else 200)


def _answered(parent: str) -> dict[str, Any] | None:
    """The published comment that a reply form quotes."""
    if not (parent.isascii() and parent.isdigit() and len(parent) < 19):
        return None
    query = sa.select(comments, threads.c.uri).join(threads)
    row = service().storage.row(query.where(comments.c.id == int(parent), comments.c.state == "published"))
    if row is None:
        return None
    html = service().render(shown(row))
    return {"id": row["id"], "author": row["author"], "html": html, "address": address(row)}


@public.get("/svara/<int:id>")
def reply(id: int) -> Response:
    """The reply form for a browser without JavaScript, quoting what it answers."""
    row = published_comment(id)
    try:
        service().reception.open_letter(row["uri"])
    except Rejected as rejected:
        return failure(rejected.status, rejected.message)
    values = dict.fromkeys(FIELDS, "") | {"uri": row["uri"], "parent": str(id)}
    return _form(values)


@public.get("/visa/<int:id>")
def show(id: int) -> BaseResponse:
    """The way to a published comment, on whichever page of its letter it stands by now."""
    return redirect(address(published_comment(id)))


@public.get("/published/<file>")
def published(file: str) -> BaseResponse:
    """A published conversation, with ETag, for a builder on another machine."""
    if not file.endswith(".json") or file.startswith("."):
        abort(404)
    answer = send_from_directory(Path(service().settings.published), file, mimetype="application/json", etag=False)
    answer.direct_passthrough = False
    answer.add_etag()
    answer.headers["Cache-Control"] = "no-cache"
    return answer.make_conditional(request)
