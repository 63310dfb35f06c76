"""The queue: lists of comments by filter, search, decisions on one or several, and taking them back."""

from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments.answers import app_json, failure, wants_json
from comments.cases import MOST_COUNTED, PAGE_SIZE, edition, fitting
from comments.desk.blueprint import desk
from comments.masking import shown
from comments.moderation import UNDO_SECONDS, Overtaken, Refused
from comments.reception import EMAIL_CHARACTERS, is_plain
from comments.service import service

TABS = {
    "vantar": "pending",
    "omprovning": "contested",
    "anmalda": "reported",
    "fragor": "questions",
    "publicerade": "published",
    "avbojda": "declined",
    "dolda": "hidden",
    "alla": "all",
}
ACTIONS = {"godkann": "approved", "avboj": "declined", "dolj": "hidden", "aterstall": "restored"}
AT_ONCE = {"godkann", "avboj"}
"""What can be decided about several comments at once."""

QUERY_CHARACTERS = 300


@desk.get("/")
def queue() -> str:
    """The comments of one tab, the waiting ones first of all."""
    tab, after = _tab(), _after()
    rows = service().moderation.cases(TABS[tab], after, PAGE_SIZE + 1)
    if after and not rows:  # it may have been emptied since it was linked to
        after, rows = None, service().moderation.cases(TABS[tab], None, PAGE_SIZE + 1)
    counts = service().moderation.counts()
    numbers = {name: _number(counts.get(filter, 0)) for name, filter in TABS.items()}
    page = _page(rows, after)
    heads = {"undelivered": service().outbox.failed(), "late": service().clocks.late()}
    heads["feedback"] = _number(service().feedback.number())
    return render_template("desk/queue.html", numbers=numbers, tab=tab, **page, **_tools(), **heads)


@desk.get("/fler")
def more() -> Response:
    """The cards that follow comment `efter` in a tab, without the page around them: for the script."""
    tab = _tab()
    rows = service().moderation.cases(TABS[tab], _after(), PAGE_SIZE)
    answer = Response(render_template("desk/cards.html", tab=tab, **_page(rows, None)))
    counts = service().moderation.counts()
    answer.headers["X-Waiting"] = _number(counts.get(TABS[tab], 0))
    return answer


@desk.get("/sok")
def search() -> Response:
    """All comments of the writer with an e-mail address, or with some words, newest first."""
    text, after = request.args.get("q", "").strip(), _after()
    fits = 0 < len(text) <= QUERY_CHARACTERS and is_plain(text)
    rows, whole = _found(text, after) if fits else ([], True)
    asked = text[:QUERY_CHARACTERS] if is_plain(text) else ""
    page = render_template("desk/search.html", q=asked, fits=fits, whole=whole, tab="alla", **_page(rows, after))
    return Response(page, 200 if fits else 400)


def _found(text: str, after: int | None) -> tuple[list[dict[str, Any]], bool]:
    moderation = service().moderation
    if "@" in text and " " not in text and len(text) <= EMAIL_CHARACTERS:
        return moderation.by_email(text, after, PAGE_SIZE + 1), True
    whole = moderation.search.catch_up()
    return moderation.by_words(text, after, PAGE_SIZE + 1), whole


@desk.post("/<int:id>/<any(godkann, avboj, dolj, aterstall):action>")
def decide(id: int, action: str) -> BaseResponse:
    """Take a decision and go back to the queue; a refused one says why beside the form."""
    reason, note = request.form.get("reason") or None, request.form.get("note", "")
    try:
        seen = request.form.get("seen")
        row = service().moderation.decide(id, ACTIONS[action], g.account["email"], reason, note, seen)
    except Refused as refused:
        return refusal(id, refused)
    return _decided(row)


@desk.post("/<int:id>/angra")
def undo(id: int) -> BaseResponse:
    """Take back what this moderator decided a moment ago."""
    try:
        row = service().moderation.undo(id, g.account["email"])
    except Refused as refused:
        return refusal(id, refused)
    return _decided(row, undoable=False)


@desk.post("/flera")
def decide_several() -> BaseResponse:
    """Take one decision about each comment that is ticked; those it can't be taken about are named."""
    action, picked = request.form.get("action", ""), request.form.getlist("pick")[:PAGE_SIZE]
    _ = service().words.gettext
    if action not in AT_ONCE or not picked:
        flash(_("Tick the comments that you decide about, then choose what to do."), "error")
        return redirect(_back())
    reason, note, done = request.form.get("reason") or None, request.form.get("note", ""), []
    for each in picked:
        id, _colon, seen = each.partition(":")
        try:
            row = service().moderation.decide(_whole(id), ACTIONS[action], g.account["email"], reason, note, seen)
            done.append(str(row["id"]))
        except Overtaken as overtaken:
            flash(str(overtaken), "error")
        except Refused as refused:
            flash(str(refused), "error")
            break
    if done:
        flash(_("Decided about: %d") % len(done), f"undo {' '.join(done)}")
    return redirect(_back())


@desk.post("/flera/angra")
def undo_several() -> BaseResponse:
    """Take all of that back, where nothing else happened since."""
    undone = 0
    for id in request.form.getlist("pick")[:PAGE_SIZE]:
        try:
            service().moderation.undo(_whole(id), g.account["email"])
            undone += 1
        except Refused as refused:
            flash(str(refused), "error")
    flash(service().words.gettext("Taken back: %d") % undone)
    return redirect(_back())


@desk.post("/<int:id>/inget-svar")
def needs_no_answer(id: int) -> BaseResponse:
    """Take a question off the list of those that wait for an answer."""
    try:
        service().moderation.needs_no_answer(id, g.account["email"])
    except Refused:
        abort(404)
    flash(service().words.gettext("The question is off the list."))
    return redirect(_back())


def refusal(id: int, refused: Refused) -> BaseResponse:
    """What could not be done, and why: beside the form that it was asked by, or as JSON. 409 where overtaken."""
    from comments.desk.case import case_page

    status = 409 if isinstance(refused, Overtaken) else 400
    return failure(status, str(refused)) if wants_json() else case_page(id, refused, status)


def _decided(row: dict[str, Any], undoable: bool = True) -> BaseResponse:
    """Tell what became of a comment, with the way to take it back."""
    told = outcome(row)
    if wants_json():
        link = url_for("desk.undo", id=row["id"]) if undoable else None
        answer = {"message": " ".join(told), "undo": link, "seconds": UNDO_SECONDS, "state": row["state"]}
        return Response(app_json(answer), mimetype="application/json")
    flash(" ".join(told), f"undo {row['id']}" if undoable else "message")
    return redirect(_back(row["id"]))


def outcome(row: dict[str, Any]) -> list[str]:
    """What became of a comment, in sentences."""
    _ = service().words.gettext
    values = {"author": row["author"], "state": service().moderation.state_name(row["state"])}
    told = [_("The comment by %(author)s is now %(state)s.") % values]
    if service().publisher.is_stale(row["tid"]):
        told.append(_("The decision is kept, but the page could not be rewritten yet (disk full?). It is tried again."))
    return told


def prepared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with what the templates show beside them."""
    moderation = service().moderation
    why, others, clocks = moderation.held_because(rows), moderation.outcomes(rows), service().clocks.of(rows)
    return [
        row
        | {
            "flags": why[row["id"]],
            "edition": edition(row),
            "shown": shown(row),
            "state_name": moderation.state_name(row["state"]),
            "others": others.get(row["id"], {}),
            "clocks": clocks[row["id"]],
        }
        for row in rows
    ]


def _tools() -> dict[str, Any]:
    return {"reasons": service().moderation.reasons(), "seconds": UNDO_SECONDS}


def _tab() -> str:
    tab = request.args.get("visa", "vantar")
    if tab not in TABS:
        abort(404)
    return tab


def _after() -> int | None:
    """The comment that the page follows; None for the first page, and for what is no number of a comment."""
    number = request.args.get("efter", type=int)
    return number if number and 0 < number < 2**63 else None


def _page(rows: list[dict[str, Any]], after: int | None) -> dict[str, Any]:
    """What the templates show of the rows that were found, of which the one too many says that there are more."""
    shown = fitting(rows)
    next = shown[-1]["id"] if len(rows) > len(shown) else None
    return {"cases": prepared(shown), "after": after, "next": next}


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _number(counted: int) -> str:
    return str(counted) if counted < MOST_COUNTED else f"{MOST_COUNTED - 1}+"


def _back(id: int | None = None) -> str:
    """Where the form came from: a tab, or the case."""
    tab = request.form.get("tab", "vantar")
    if tab == "arende" and id is not None:
        return url_for("desk.case", id=id)
    return url_for("desk.queue", visa=None if tab == "vantar" else tab) if tab in TABS else url_for("desk.queue")
