"""What the residents' pages have in common."""

from typing import Any

import sqlalchemy as sa
from flask import Response, abort, request
from werkzeug.exceptions import UnsupportedMediaType

from comments.service import service
from comments.storage import comments, threads

Row = dict[str, Any]

PRIVATE = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
"""Of pages whose address is all that keeps them from others."""

HONEYPOT = "webbplats"


def private(page: str, status: int = 200) -> Response:
    """A page that only those who have its address may know of."""
    return Response(page, status, headers=PRIVATE)


def form_values(names: tuple[str, ...]) -> dict[str, str]:
    """The named fields of a form, "" where one was not sent; 415 for what is no form."""
    if request.mimetype not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise UnsupportedMediaType
    return {name: request.form.get(name, "") for name in names}


def posted(names: tuple[str, ...]) -> dict[str, str]:
    """The named fields of a form or a JSON object, "" where one was not sent; 415 for neither, 400 for no texts."""
    if request.mimetype != "application/json":
        return form_values(names)
    source = json_object()
    found = {name: "" if source.get(name) is None else source[name] for name in names}
    if not all(isinstance(text, str) for text in found.values()):
        abort(400)
    return found


def json_object() -> dict[str, Any]:
    """The JSON object that was sent; 400 for anything else."""
    try:
        source = request.get_json()
    except RecursionError:  # nested too deeply to be read
        abort(400)
    if not isinstance(source, dict):
        abort(400)
    return source


def published(id: int) -> Row:
    """A published comment with its letter's uri and title; 404 if there is none."""
    query = sa.select(comments, threads.c.uri, threads.c.title).join(threads).where(comments.c.id == min(id, 2**62))
    row = service().storage.row(query)
    if row is None or row["state"] != "published":
        abort(404)
    return row


def address(row: Row) -> str:
    """Where readers find a comment, its row with its letter's uri."""
    return service().publisher.address(row["uri"], row["id"], service().settings.facts.comments.per_page)


def showable(text: str) -> str:
    """A text as it can be put into a page again."""
    return text.encode("utf-8", "replace").decode()
