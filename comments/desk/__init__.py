"""What moderators meet: sign-in, the queue, one comment with its decisions, official answers."""

from pathlib import Path

from flask import Response, abort, flash, g, redirect, render_template, request, send_from_directory, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, sessions
from comments.desk import (
    account,
    case,
    feedback,
    letters,
    notices,
    numbers,
    openid,
    passkey_sign_in,
    passkeys,
    queue,
    sign_in,
    staff,
)
from comments.desk.blueprint import desk
from comments.desk.permissions import allows
from comments.service import service

__all__ = [
    "account",
    "case",
    "desk",
    "feedback",
    "letters",
    "notices",
    "numbers",
    "openid",
    "passkey_sign_in",
    "passkeys",
    "queue",
    "sign_in",
    "staff",
]


@desk.before_request
def require_account() -> BaseResponse | None:
    """Everything but the way in is for those who are signed in, and some of it for some of them."""
    g.account = sessions.signed_in(service().storage, session.get("token"), request.endpoint != "desk.more")
    if allows(str(request.endpoint), g.account["role"] if g.account else None):
        return None
    if g.account:
        abort(403)
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("desk.sign_in", till=None if wanted == url_for("desk.queue") else wanted))


@desk.post("/logga-ut")
def sign_out() -> BaseResponse:
    """Leave the desk on this browser: a copy of the cookie opens nothing afterwards."""
    with service().storage.transaction():
        sessions.end_secret(service().storage, session.get("token"))
        accounts.log(service().storage, g.account["id"], g.account["email"], "signed-out")
    session.clear()
    return redirect(url_for("desk.sign_in"))


@desk.get("/post")
def mails() -> str:
    """The mails that could not be delivered, and those that are still to be sent."""
    outbox = service().outbox
    return render_template(
        "desk/post.html",
        undelivered=outbox.undelivered(),
        number=outbox.failed(),
        waiting=outbox.waiting(),
        folder=None if service().settings.smtp else service().settings.data / "mail",
    )


@desk.post("/post/<int:id>/<any(igen, klar):action>")
def settle_mail(id: int, action: str) -> BaseResponse:
    """Try an undelivered mail again, or put it away."""
    _ = service().words.gettext
    outbox = service().outbox
    done = outbox.retry(id) if action == "igen" else outbox.close(id)
    if not done:
        flash(_("Somebody else has seen to that mail already."))
    elif action == "igen":
        flash(_("The mail waits to be sent again."))
    else:
        flash(_("The mail is put away."))
    return redirect(url_for("desk.mails"))


@desk.get("/static/<name>")
def asset(name: str) -> Response:
    """The desk's own style sheet and scripts."""
    answer = send_from_directory(Path(__file__).parent / "static", name)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
