"""What moderators meet: sign-in, the queue, one comment with its decisions, official answers."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
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

from comments import accounts, ledger
from comments.moderation import MOST_COUNTED, PAGE_SIZE, Refused, edition, held_because
from comments.reception import EMAIL_CHARACTERS, is_plain
from comments.service import service

desk = Blueprint("desk", __name__, url_prefix="/moderering")

TABS = {
    "vantar": "pending",
    "publicerade": "published",
    "avbojda": "declined",
    "dolda": "hidden",
}
ACTIONS = {"godkann": "approved", "avboj": "declined", "dolj": "hidden", "aterstall": "restored"}
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


@desk.get("/")
def queue() -> str:
    """The comments of one tab, the waiting ones first of all."""
    tab = request.args.get("visa", "vantar")
    if tab not in TABS:
        abort(404)
    moderation, after = service().moderation, _after()
    rows = moderation.cases(TABS[tab], after, PAGE_SIZE + 1)
    if after and not rows:  # it may have been emptied since it was linked to
        after, rows = None, moderation.cases(TABS[tab], None, PAGE_SIZE + 1)
    counts = moderation.counts()
    return render_template(
        "desk/queue.html",
        tabs=[(name, _number(counts.get(state, 0))) for name, state in TABS.items()],
        tab=tab,
        **_page(rows, after),
        undelivered=service().outbox.failed(),
    )


@desk.get("/sok")
def search() -> Response:
    """All comments of the writer with an e-mail address, newest first."""
    email = request.args.get("epost", "").strip()
    after = _after()
    fits = "@" in email and len(email) <= EMAIL_CHARACTERS and is_plain(email)
    rows = service().moderation.by_email(email, after, PAGE_SIZE + 1) if fits else []
    shown = email[: EMAIL_CHARACTERS + 1] if is_plain(email) else ""
    page = render_template("desk/search.html", email=shown, fits=fits, tab="vantar", **_page(rows, after))
    return Response(page, 200 if fits else 400)


def _after() -> int | None:
    """The comment that the page follows; None for the first page, and for what is no number of a comment."""
    number = request.args.get("efter", type=int)
    return number if number and 0 < number < 2**63 else None


def _page(rows: list[dict[str, Any]], after: int | None) -> dict[str, Any]:
    """What the templates show of the rows that were found, of which the one too many says that there are more."""
    next = rows[PAGE_SIZE - 1]["id"] if len(rows) > PAGE_SIZE else None
    return {"cases": [_prepared(row) for row in rows[:PAGE_SIZE]], "after": after, "next": next}


def _number(counted: int) -> str:
    return str(counted) if counted < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


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


@desk.get("/<int:id>")
def case(id: int) -> Response:
    """One comment in its context, with its history and what can be decided."""
    return _case_page(id)


def _case_page(id: int, refused: Refused | None = None, status: int = 200) -> Response:
    moderation = service().moderation
    try:
        row = moderation.case(id)
    except Refused:
        abort(404)
    page = render_template(
        "desk/case.html",
        row=_prepared(row),
        history=ledger.history(service().storage, id),
        reasons=moderation.reasons(),
        voices=_voices(),
        refused=refused,
        form=request.form,
    )
    return Response(page, status)


@desk.post("/<int:id>/<any(godkann, avboj, dolj, aterstall):action>")
def decide(id: int, action: str) -> BaseResponse:
    """Take a decision and go back to the queue; a refused one says why beside the form."""
    reason, note = request.form.get("reason") or None, request.form.get("note", "")
    try:
        seen = request.form.get("seen")
        row = service().moderation.decide(id, ACTIONS[action], g.account["email"], reason, note, seen)
    except Refused as refused:
        return _case_page(id, refused, 400)
    _tell_outcome(row)
    return redirect(_back())


@desk.post("/<int:id>/svara")
def reply(id: int) -> BaseResponse:
    """Answer officially, in a voice that this moderator may use."""
    voices = _voices()
    voice = voices.get(request.form.get("voice", ""))
    try:
        if voice is None:
            raise Refused(service().words.gettext("Choose in whose name you answer."))
        row = service().moderation.reply(id, request.form.get("text", ""), g.account["email"], *voice)
    except Refused as refused:
        return _case_page(id, refused, 400)
    flash(service().words.gettext("The answer is published. It is on the page in a moment."))
    _tell_unwritten(row)
    return redirect(url_for("desk.case", id=row["parent"]))


@desk.get("/static/<name>")
def asset(name: str) -> Response:
    """The desk's own style sheet."""
    answer = send_from_directory(f"{desk.root_path}/static", name)
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _voices() -> dict[str, tuple[str, str]]:
    """The names in which answers can be given: key to (name, office), the moderator's own first."""
    facts = service().settings.facts
    own = (g.account["name"], g.account["title"])
    others = [(writer.name, writer.title or facts.organisation) for writer in facts.writers]
    return {", ".join(voice): voice for voice in dict.fromkeys([own, *others])}


def _prepared(row: dict[str, Any]) -> dict[str, Any]:
    return row | {
        "held_because": held_because(row),
        "edition": edition(row),
        "state_name": service().moderation.state_name(row["state"]),
    }


def _tell_outcome(row: dict[str, Any]) -> None:
    _ = service().words.gettext
    values = {"author": row["author"], "state": service().moderation.state_name(row["state"])}
    flash(_("The comment by %(author)s is now %(state)s.") % values)
    _tell_unwritten(row)


def _tell_unwritten(row: dict[str, Any]) -> None:
    _ = service().words.gettext
    if service().publisher.is_stale(row["tid"]):
        flash(_("The decision is kept, but the page could not be rewritten yet (disk full?). It is tried again."))


def _back() -> str:
    tab = request.form.get("tab", "vantar")
    return url_for("desk.queue", visa=None if tab == "vantar" else tab) if tab in TABS else url_for("desk.queue")
