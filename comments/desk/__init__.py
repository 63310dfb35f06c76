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
from comments.moderation import PAGE_SIZE, Refused, edition, held_because
from comments.service import service

desk = Blueprint("desk", __name__, url_prefix="/moderering")

TABS = {
    "vantar": ("pending",),
    "publicerade": ("published",),
    "avbojda": ("declined",),
    "dolda": ("hidden",),
}
ACTIONS = {"godkann": "approved", "avboj": "declined", "dolj": "hidden", "aterstall": "restored"}
OPEN_TO_ALL = {"desk.sign_in", "desk.use_link", "desk.asset"}


@desk.before_request
def require_account() -> BaseResponse | None:
    """Everything but the way in is for signed-in moderators."""
    g.account = accounts.signed_in(service().storage, session.get("account"), session.get("sign_outs"))
    if g.account is None and request.endpoint not in OPEN_TO_ALL:
        return redirect(url_for("desk.sign_in"))
    return None


@desk.get("/logga-in")
def sign_in() -> str:
    """How to get in."""
    return render_template("desk/sign_in.html", secret=None)


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
    session["account"], session["sign_outs"] = account["id"], account["sign_outs"]
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
    page = request.args.get("sida", 1, type=int)
    if tab not in TABS or page < 1:
        abort(404)
    moderation = service().moderation
    counts = moderation.counts()
    pages = max(1, -(-sum(counts.get(state, 0) for state in TABS[tab]) // PAGE_SIZE))
    page = min(page, pages)  # the last page may have been emptied since it was linked to
    return render_template(
        "desk/queue.html",
        cases=[_prepared(row) for row in moderation.cases(*TABS[tab], page=page)],
        tabs=[(name, counts.get(states[0], 0)) for name, states in TABS.items()],
        tab=tab,
        page=page,
        pages=pages,
    )


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
