"""Telling that something is not accessible, without account, name or script; the form stands on /tillganglighet/."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from comments.answers import app_json, wants_json
from comments.public.pages import HONEYPOT, posted, showable
from comments.reception import Rejected
from comments.service import service
from comments.storage import StorageBusy

feedback = Blueprint("feedback", __name__, url_prefix="/kommentarer")

FIELDS = ("text", "page", "contact")


@feedback.get("/tillganglighet")
def form() -> BaseResponse:
    """The way to the form, for one who loads the answer's page again."""
    return redirect("/tillganglighet/#rapportera")


@feedback.post("/tillganglighet")
def send() -> Response:
    """Keep what a form or a JSON object says: 202 with its number, or 4xx with what to mend."""
    values = posted((*FIELDS, HONEYPOT))
    _ = service().words.gettext
    try:
        if values[HONEYPOT]:
            raise Rejected(400, _("Leave the last field empty; it is there for robots."))
        number = service().feedback.take(values, request.remote_addr or "")
    except Rejected as rejected:
        return _rejection(rejected, values)
    except StorageBusy:
        return _rejection(Rejected(503, _("It could not be taken right now. Try again in a while.")), values)
    return _receipt(number, bool(values["contact"].strip()))


def _rejection(rejected: Rejected, values: dict[str, str]) -> Response:
    if wants_json():
        body = app_json({"error": rejected.message, "errors": rejected.errors})
        return Response(body, rejected.status, mimetype="application/json")
    page = render_template(
        "public/feedback.html",
        values={name: showable(value) for name, value in values.items()},
        errors=rejected.errors or {"form": rejected.message},
    )
    return Response(page, rejected.status)


def _receipt(number: int, reachable: bool) -> Response:
    _, answer = service().words.gettext, service().settings.facts.accessibility.answer
    next = _("It has number %d. Note it if you want to ask about it later.") % number
    if not reachable:
        next += " " + _("You have not said how we can reach you, so we can't answer. But we read it.")
    elif answer:
        next += " " + _("We normally answer %(answer)s.") % {"answer": answer}
    told = {"id": number, "state": "open", "message": _("Thank you for telling us!"), "next": next}
    if wants_json():
        return Response(app_json(told), 202, mimetype="application/json")
    return Response(render_template("public/feedback_receipt.html", **told), 202)
