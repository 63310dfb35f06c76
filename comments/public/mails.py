"""Confirming an address and ending its mails: opening a link changes nothing, the button on its page does."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from comments.public.pages import private
from comments.service import service

mails = Blueprint("mails", __name__, url_prefix="/kommentarer/mejl")


@mails.route("/<secret>/bekrafta", methods=["GET", "POST"])
def confirm(secret: str) -> Response:
    """Answers may be mailed to this address: GET asks, POST says so."""
    row = _follower(secret)
    if request.method == "POST" and not row["ended"]:
        service().followers.confirm(row)
        row = _follower(secret)
    return private(render_template("public/confirm.html", row=row, secret=secret))


@mails.route("/<secret>/avsluta", methods=["GET", "POST"])
def end(secret: str) -> Response:
    """No more mails: GET asks, POST ends them, from our page or from a mail program (RFC 8058)."""
    row = _follower(secret)
    if request.method == "POST":
        service().followers.end(row)
        row = _follower(secret)
    return private(render_template("public/unsubscribe.html", row=row, secret=secret))


def _follower(secret: str) -> dict[str, Any]:
    """Whom that link was mailed to; 404 for any other."""
    row = service().followers.find(secret)
    if row is None:
        abort(404)
    return row
