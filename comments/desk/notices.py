"""A moderator's own choice of how often to be told by mail that something waits."""

from flask import abort, flash, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments.desk.blueprint import desk
from comments.service import service

ACCOUNT_PAGE = "/konto"


@desk.post("/konto/mejl")
def choose_notices() -> BaseResponse:
    """Take the choice and go back to the account's page, where it stands."""
    try:
        service().notices.choose(g.account, request.form.get("notices", ""))
    except ValueError:
        abort(400)
    flash(service().words.gettext("Your choice of mails is kept."))
    return redirect(url_for("desk.queue").rstrip("/") + ACCOUNT_PAGE)
