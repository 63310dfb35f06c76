"""What moderators meet: sign-in, the queue, one comment with its decisions, official answers."""

from pathlib import Path

from flask import (
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts
from comments.desk import case, numbers, queue
from comments.desk.blueprint import desk
from comments.service import service

__all__ = ["case", "desk", "numbers", "queue"]

OPEN_TO_ALL = {"desk.sign_in", "desk.send_link", "desk.use_link", "desk.asset"}


@desk.before_request
def require_account() -> BaseResponse | None:
    """Everything but the way in is for signed-in moderators."""
    g.account = accounts.signed_in(service().storage, session.get("token"))
    if g.account is None and request.endpoint not in OPEN_TO_ALL:
        return redirect(url_for("desk.sign_in"))
    return None


@desk.get("/logga-in")
def sign_in() -> str:
    """How to get in."""
    return render_template("desk/sign_in.html", secret=None)


@desk.post("/logga-in")
def send_link() -> str | tuple[str, int]:
    """Mail a one-time link; the answer is the same whether there is such an account or not."""
    email = request.form.get("email", "").strip()
    if "@" not in email:
        return render_template("desk/sign_in.html", secret=None, missing=True), 400
    service().notices.sign_in(email)
    return render_template("desk/sign_in.html", secret=None, asked=True)


@desk.route("/logga-in/<secret>", methods=["GET", "POST"])
def use_link(secret: str) -> str | BaseResponse | tuple[str, int]:
    """A one-time link: opening it changes nothing (mail scanners do that), the button signs in."""
    if request.method != "POST":
        return render_template("desk/sign_in.html", secret=secret)
    account = accounts.use_link(service().storage, secret)
    if account is None:
        return render_template("desk/sign_in.html", secret=None, spent=True), 403
    session.clear()
    session.permanent = True
    session["token"] = accounts.begin_session(service().storage, account["id"], "link", request.user_agent.string)
    return redirect(url_for("desk.queue"))


@desk.post("/logga-ut")
def sign_out() -> BaseResponse:
    """Leave the desk, on every device: a copy of the cookie opens nothing afterwards."""
    if g.account:
        accounts.sign_out(service().storage, g.account["id"])
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
    """The desk's own style sheet."""
    answer = send_from_directory(Path(__file__).parent / "static", name)
    answer.headers["Cache-Control"] = "no-cache"
    return answer
