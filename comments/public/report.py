"""Reporting a comment, without account or script, and the page that tells what came of it."""

from flask import Blueprint, Response, abort, render_template, request, url_for

from comments.answers import failure
from comments.masking import shown
from comments.public.pages import HONEYPOT, address, form_values, private, published, showable
from comments.reception import Received, Rejected
from comments.reports import WORDS_CHARACTERS
from comments.service import service
from common.language import marked as _

report = Blueprint("report", __name__, url_prefix="/kommentarer")

FIELDS = ("reason", "text", "email")

PLAIN = {
    "hot": _("It threatens somebody"),
    "integritet": _("It exposes somebody's private life"),
    "uppvigling": _("It urges people to commit crimes"),
    "hets": _("It spreads hatred against a group of people"),
    "barnpornografi": _("It shows sexual abuse of children"),
    "valdsskildring": _("It shows brutal violence"),
    "terrorism": _("It urges people to terrorism"),
    "upphovsratt": _("It uses somebody's work without permission"),
}
"""The grounds of the law (1998:112, 5 §) as a reader would say it."""


@report.get("/anmal/<int:id>")
def form(id: int) -> Response:
    """The form, with the published comment that it is about."""
    return _form(id, dict.fromkeys(FIELDS, ""))


@report.post("/anmal/<int:id>")
def send(id: int) -> Response:
    """Keep a report: 202 with a receipt, or 4xx with what to mend."""
    values = form_values((*FIELDS, HONEYPOT))
    try:
        if values[HONEYPOT]:
            raise Rejected(400, service().words.gettext("Leave the last field empty; it is there for robots."))
        received = service().reports.report(id, values, request.remote_addr or "")
    except Rejected as rejected:
        if rejected.status == 404:
            return failure(404, rejected.message, showable(values["text"]))
        return _form(id, values, rejected)
    return _receipt(received, bool(values["email"].strip()))


def _form(id: int, values: dict[str, str], rejected: Rejected | None = None) -> Response:
    row = published(id)
    rules = service().settings.facts.reasons
    law = {code: name for code, name in service().moderation.reasons().items() if code not in rules}
    html = render_template(
        "public/report.html",
        row=row,
        text=shown(row),
        address=address(row),
        rules=rules,
        law={code: service().words.gettext(PLAIN[code]) if code in PLAIN else name for code, name in law.items()},
        values={name: showable(value) for name, value in values.items()},
        errors=rejected.errors or {"form": rejected.message} if rejected else {},
        most=WORDS_CHARACTERS,
    )
    return Response(html, rejected.status if rejected else 200)


def _receipt(received: Received, mailed: bool) -> Response:
    own = url_for("report.outcome", token=received.secret)
    return private(render_template("public/report_receipt.html", number=received.id, own=own, mailed=mailed), 202)


@report.get("/anmalan/<token>")
def outcome(token: str) -> Response:
    """The reporter's private page: what was reported, and what came of it."""
    found = service().reports.find(token)
    if found is None:
        abort(404)
    case = service().moderation.case(found["comment"])
    reasons = {**service().moderation.reasons(), **{code: service().words.gettext(PLAIN[code]) for code in PLAIN}}
    html = render_template("public/reported.html", report=found, case=case, address=address(case), reasons=reasons)
    return private(html)
