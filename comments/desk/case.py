"""One comment at the desk: its context and history, masking, and the organisation's answer to it."""

from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import drafts, ledger, reports, reviews
from comments.desk.blueprint import desk
from comments.desk.queue import outcome, prepared, refusal
from comments.moderation import Refused
from comments.service import service

MOST_REPORTS, MOST_HISTORY = 10, 40
"""On one page, which many strangers together can't make heavy."""


@desk.get("/<int:id>")
def case(id: int) -> Response:
    """One comment in its context, with its history and what can be decided."""
    return case_page(id)


def case_page(id: int, refused: Refused | None = None, status: int = 200, preview: str | None = None) -> Response:
    """The page of a case; `refused` stands on it with what was filled in, `preview` is an answer to look at."""
    moderation = service().moderation
    try:
        row = moderation.case(id)
    except Refused:
        abort(404)
    waiting = [report for report in reports.of(service().storage, id) if report["state"] == "open"]
    page = render_template(
        "desk/case.html",
        row=prepared([row])[0],
        history=ledger.history(service().storage, id)[-MOST_HISTORY:],
        earlier=moderation.earlier(row),
        state_name=moderation.state_name,
        reasons=moderation.reasons(),
        voices=voices(),
        drafts=drafts.of(service().storage, id),
        review=reviews.open_review(service().storage, id),
        reports=waiting[:MOST_REPORTS],
        more_reports=max(0, len(waiting) - MOST_REPORTS),
        second=service().settings.facts.moderation.second_pair_of_eyes,
        refused=refused,
        form=request.form,
        preview=preview,
    )
    return Response(page, status)


@desk.post("/<int:id>/maskera")
def mask(id: int) -> BaseResponse:
    """Cover personal details that stand in a comment, one on each line."""
    details = request.form.get("details", "").splitlines()
    try:
        note, seen = request.form.get("note", ""), request.form.get("seen")
        row = service().moderation.mask(id, details, g.account["email"], note, seen)
    except Refused as refused:
        return refusal(id, refused)
    flash(service().words.gettext("What you named is masked."), f"undo {id}")
    return redirect(url_for("desk.case", id=row["id"]))


@desk.post("/<int:id>/avmaskera")
def unmask(id: int) -> BaseResponse:
    """Show again what was masked."""
    try:
        service().moderation.unmask(id, g.account["email"])
    except Refused as refused:
        return refusal(id, refused)
    flash(service().words.gettext("Nothing is masked any more."), f"undo {id}")
    return redirect(url_for("desk.case", id=id))


@desk.post("/<int:id>/svara")
def reply(id: int) -> BaseResponse:
    """Look at an official answer, keep it, hand it to another moderator, or publish it."""
    action, text = request.form.get("action", "publicera"), request.form.get("text", "")
    try:
        voice = _voice()
        if action == "forhandsvisa":
            return case_page(id, preview=service().moderation.checked_reply(text))
        if action in ("spara", "foresla"):
            return _keep(id, voice, text, proposed=action == "foresla")
        row = service().moderation.reply(id, text, g.account["email"], *voice)
    except Refused as refused:
        return refusal(id, refused)
    return _published(row)


def _voice() -> tuple[str, str]:
    voice = voices().get(request.form.get("voice", ""))
    if voice is None:
        raise Refused(service().words.gettext("Choose in whose name you answer."))
    return voice


def _keep(id: int, voice: tuple[str, str], text: str, proposed: bool) -> BaseResponse:
    _ = service().words.gettext
    text = service().moderation.checked_reply(text)
    drafts.save(service().storage, service().moderation.case(id)["id"], g.account["id"], *voice, text, proposed)
    flash(_("The answer waits for another moderator to publish it.") if proposed else _("The draft is kept."))
    return redirect(url_for("desk.case", id=id))


@desk.post("/utkast/<int:id>/<any(publicera, slang):action>")
def settle_draft(id: int, action: str) -> BaseResponse:
    """Publish an answer that a moderator wrote, or throw it away."""
    _ = service().words.gettext
    comment = None
    try:
        with service().storage.transaction():
            draft = drafts.take(service().storage, id, request.form.get("seen", ""))
            if draft is None:
                flash(_("The draft was changed, or somebody else has seen to it already. Read it again."), "error")
                return redirect(url_for("desk.queue"))
            comment = draft["comment"]
            if action == "slang":
                flash(_("The draft is thrown away."))
                return redirect(url_for("desk.case", id=comment))
            return _published(_publish(draft))
    except Refused as refused:
        return refusal(comment or 0, refused)


def _publish(draft: dict[str, Any]) -> dict[str, Any]:
    voice = draft["name"], draft["office"]
    if draft["state"] != "proposed" and voice not in voices().values():
        raise Refused(
            service().words.gettext("Only who may answer in that name publishes a draft that is not handed over.")
        )
    return service().moderation.reply(draft["comment"], draft["text"], g.account["email"], *voice, draft["email"])


def _published(row: dict[str, Any]) -> BaseResponse:
    flash(service().words.gettext("The answer is published. It is on the page in a moment."))
    for told in outcome(row)[1:]:
        flash(told, "error")
    return redirect(url_for("desk.case", id=row["parent"]))


@desk.post("/<int:id>/star-fast")
def uphold(id: int) -> BaseResponse:
    """Let a decision stand that its writer asked to have looked at again."""
    try:
        service().moderation.uphold(id, g.account["email"], request.form.get("note", ""))
    except Refused as refused:
        return refusal(id, refused)
    flash(service().words.gettext("The decision stands. The writer is told."))
    return redirect(url_for("desk.queue", visa="omprovning"))


@desk.post("/<int:id>/anmalan/<int:report>/avskriv")
def dismiss(id: int, report: int) -> BaseResponse:
    """Settle a report: the comment stays."""
    try:
        service().moderation.dismiss(id, report, g.account["email"], request.form.get("note", ""))
    except Refused as refused:
        return refusal(id, refused)
    flash(service().words.gettext("The report is settled. The comment stays."))
    return redirect(url_for("desk.case", id=id))


def voices() -> dict[str, tuple[str, str]]:
    """The names in which this moderator can answer: key to (name, office), their own first."""
    facts = service().settings.facts
    own = (g.account["name"], g.account["title"])
    others = [(writer.name, writer.title or facts.organisation) for writer in facts.writers]
    allowed = others if g.account["role"] in ("author", "admin") else []
    return {", ".join(voice): voice for voice in dict.fromkeys([own, *allowed])}
