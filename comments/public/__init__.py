"""What residents meet: the form's answer, the reply form, the status page, the published conversations."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, request, send_from_directory, url_for
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.wrappers import Response as BaseResponse

from comments import ledger
from comments.answers import app_json, failure, wants_json
from comments.masking import shown
from comments.reception import Received, Rejected, hash_secret
from comments.service import service
from comments.storage import StorageBusy, comments, threads

public = Blueprint("public", __name__, url_prefix="/kommentarer")

FIELDS = ("uri", "parent", "author", "email", "text")
HONEYPOT = "webbplats"


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
    return _receipt(received, values["uri"])


def _values() -> dict[str, str]:
    if request.mimetype == "application/json":
        source: Any = _json()
        if not isinstance(source, dict):
            abort(400)
    elif request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        source = request.form
    else:
        raise UnsupportedMediaType
    return {name: _text(name, source.get(name)) for name in (*FIELDS, HONEYPOT)}


def _text(name: str, value: object) -> str:
    """A field as text: JSON may leave it out or say null, and may give the parent as a number."""
    if value is None:
        return ""
    if name == "parent" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        abort(400)
    return value


def _json() -> Any:
    try:
        return request.get_json()
    except RecursionError:  # nested too deeply to be read
        abort(400)


def _receipt(received: Received, uri: str) -> Response:
    _ = service().words.gettext
    link = url_for("public.status", token=received.secret)
    promise = service().settings.facts.comments.promise
    answer = {
        "id": received.id,
        "state": "pending",
        "message": _("Thank you! Your comment has been received."),
        "next": _("A moderator reads it %s. When it is approved it is shown under the letter.") % promise,
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
        return failure(rejected.status, rejected.message, _showable(values["text"]))
    return _form(values, rejected)


def _form(values: dict[str, str], rejected: Rejected | None = None) -> Response:
    letter = service().letters.get(values["uri"])
    page = render_template(
        "public/form.html",
        letter=letter,
        values={name: _showable(value) for name, value in values.items()},
        errors=rejected.errors if rejected else {},
        message=rejected.message if rejected else None,
        # What it answers is left out where the database is away: the text must be back at once.
        answers=None if rejected and rejected.status == 503 else _answered(values["parent"]),
    )
    return Response(page, rejected.status if rejected else 200)


def _showable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _answered(parent: str) -> dict[str, Any] | None:
    """The published comment that a reply form quotes."""
    if not (parent.isascii() and parent.isdigit() and len(parent) < 19):
        return None
    query = sa.select(comments, threads.c.uri).join(threads)
    row = service().storage.row(query.where(comments.c.id == int(parent), comments.c.state == "published"))
    if row is None:
        return None
    html = service().render(shown(row))
    return {"id": row["id"], "author": row["author"], "html": html, "address": _address(row)}


def _address(row: dict[str, Any]) -> str:
    return service().publisher.address(row["uri"], row["id"], service().settings.facts.comments.per_page)


@public.get("/svara/<int:id>")
def reply(id: int) -> Response:
    """The reply form for a browser without JavaScript, quoting what it answers."""
    query = sa.select(comments, threads.c.uri).join(threads).where(comments.c.id == min(id, 2**62))
    row = service().storage.row(query)
    if row is None or row["state"] != "published":
        abort(404)
    try:
        service().reception.open_letter(row["uri"])
    except Rejected as rejected:
        return failure(rejected.status, rejected.message)
    values = dict.fromkeys(FIELDS, "") | {"uri": row["uri"], "parent": str(id)}
    return _form(values)


@public.get("/status/<token>")
def status(token: str) -> Response:
    """A writer's private page: where the comment is in its life and, if declined, why."""
    query = sa.select(comments, threads.c.uri, threads.c.title).join(threads)
    row = service().storage.row(query.where(comments.c.token == hash_secret(token)))
    if row is None:
        abort(404)
    decision = ledger.latest(service().storage, row["id"])
    reasons = service().moderation.reasons()
    page = render_template("public/status.html", row=row, address=_address(row), decision=decision, reasons=reasons)
    return Response(page, headers={"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})


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
