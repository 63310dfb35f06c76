"""The letters at the desk: which take comments, closing and opening one, and the periods that close all."""

import time
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import letter_list
from comments.cases import MOST_COUNTED
from comments.closing import NOTICE_CHARACTERS
from comments.desk.blueprint import desk
from comments.moments import Moment, NotAMoment, as_written, moment
from comments.public.pages import showable
from comments.reception import Rejected, is_plain
from comments.service import service

QUERY_CHARACTERS = 200
FIELDS = ("start_date", "start_time", "end_date", "end_time", "notice")


@desk.get("/brev")
def letters() -> Response:
    """How each letter stands, and the periods."""
    return _letters_page()


def _letters_page(rejected: Rejected | None = None) -> Response:
    """The page; a refused act stands on it with what was typed."""
    given = request.args.get("q", "").strip()[:QUERY_CHARACTERS]
    q = given if is_plain(given) else ""
    found = letter_list.fitting(service().letters.all(), q)
    uri = request.form.get("uri", "")
    number = _number(found, uri if rejected else request.args.get("sida", "1"))
    first = (number - 1) * letter_list.PAGE_SIZE
    periods, now = service().closing.periods(), time.time()
    standing = [row for row in periods if row["lifted"] is None and (row["ends"] is None or row["ends"] > now)]
    standing.sort(key=lambda row: row["starts"])
    page = render_template(
        "desk/letters.html",
        rows=letter_list.listed(service().storage, found[first : first + letter_list.PAGE_SIZE]),
        q=q,
        page=number,
        pages=_pages(found),
        standing=standing,
        earlier=[row for row in periods if row not in standing],
        now=now,
        rejected=rejected,
        typed={"uri": uri, "notice": showable(request.form.get("notice", ""))},
        most=NOTICE_CHARACTERS,
        most_counted=MOST_COUNTED,
    )
    return Response(page, rejected.status if rejected else 200)


def _pages(found: list[Any]) -> int:
    return max(1, -(-len(found) // letter_list.PAGE_SIZE))


def _number(found: list[Any], asked: str) -> int:
    """Which page: by its number, or the one where the letter with that address stands."""
    uris = [letter.uri for letter in found]
    if asked in uris:
        return uris.index(asked) // letter_list.PAGE_SIZE + 1
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    return min(max(1, number), _pages(found))


@desk.post("/brev/<any(stang, oppna):act>")
def set_letter(act: str) -> BaseResponse:
    """Close or open one letter."""
    uri, _ = request.form.get("uri", ""), service().words.gettext
    try:
        letter = service().reception.letter(uri)
        if act == "stang":
            service().closing.close(uri, g.account["email"], request.form.get("notice", ""))
        else:
            service().closing.open(uri, g.account["email"])
    except Rejected as rejected:
        return _letters_page(rejected)
    stands = service().reception.standing(letter)
    if act == "stang":
        flash(_("“%s” takes no more comments.") % letter.title)
    elif stands.is_open:
        flash(_("“%s” takes comments again.") % letter.title)
    else:
        flash(_("“%s” is no longer closed by itself, but all letters are closed during a period.") % letter.title)
    return redirect(url_for("desk.letters", sida=request.form.get("sida"), q=request.form.get("q") or None))


@desk.get("/brev/period")
def new_period() -> Response:
    """The form of a new period."""
    return _period_page(None, dict.fromkeys(FIELDS, ""))


@desk.get("/brev/period/<int:id>")
def period(id: int) -> Response:
    """The form of a period that is to be changed."""
    try:
        row = service().closing.period(id)
    except Rejected as rejected:
        return _gone(rejected)
    zone = service().settings.facts.time_zone
    starts, ends = (as_written(row[key], zone) if row[key] is not None else ("", "") for key in ("starts", "ends"))
    values = dict(zip(FIELDS, (*starts, *ends, row["notice"]), strict=True))
    return _period_page(id, values)


def _gone(rejected: Rejected) -> Response:
    """The letters' page, where what became of a period is seen."""
    if rejected.status == 404:
        abort(404)
    return _letters_page(rejected)


def _period_page(id: int | None, values: dict[str, str], errors: dict[str, str] | None = None) -> Response:
    shown = {name: showable(value) for name, value in values.items()}
    page = render_template(
        "desk/period.html",
        id=id,
        values=shown,
        errors=errors or {},
        zone=service().settings.facts.time_zone,
        most=NOTICE_CHARACTERS,
    )
    return Response(page, 400 if errors else 200)


@desk.post("/brev/period")
def plan() -> BaseResponse:
    """Plan a period."""
    return _planned(None)


@desk.post("/brev/period/<int:id>")
def change_period(id: int) -> BaseResponse:
    """Put another period in the place of one that is not over."""
    return _planned(id)


def _planned(id: int | None) -> BaseResponse:
    values, _ = {name: request.form.get(name, "") for name in FIELDS}, service().words.gettext
    errors, starts, ends = _moments(values)
    try:
        if id is not None:
            service().closing.period(id)
        notice = values["notice"]
        if errors:
            errors |= service().closing.flaws(notice)
            return _period_page(id, values, errors)
        assert starts is not None
        service().closing.plan(starts.seconds, ends.seconds if ends else None, notice, g.account["email"], id)
    except Rejected as rejected:
        return _period_page(id, values, rejected.errors) if rejected.errors else _gone(rejected)
    flash(_("The period is planned.") if id is None else _("The period is changed."))
    if starts.twice:
        flash(_("The clock shows the time of the start twice that night. The first one counts."))
    if ends and ends.twice:
        flash(_("The clock shows the time of the end twice that night. The second one counts."))
    return redirect(url_for("desk.letters"))


def _moments(values: dict[str, str]) -> tuple[dict[str, str], Moment | None, Moment | None]:
    """What is wrong with the dates and times, and the moments that are right; an end may be left out."""
    errors: dict[str, str] = {}
    found: list[Moment | None] = []
    zone, words = service().settings.facts.time_zone, service().words
    for name, last in (("start", False), ("end", True)):
        date, hour = values[f"{name}_date"].strip(), values[f"{name}_time"].strip()
        if last and not date and not hour:
            found.append(None)
            continue
        try:
            found.append(moment(date, hour, zone, words, last))
        except NotAMoment as error:
            errors[f"{name}s"] = str(error)
            found.append(None)
    return errors, found[0], found[1]


@desk.post("/brev/period/<int:id>/hav")
def lift_period(id: int) -> BaseResponse:
    """Take a period back."""
    try:
        service().closing.lift(id, g.account["email"])
    except Rejected as rejected:
        return _gone(rejected)
    flash(service().words.gettext("The period is taken back."))
    return redirect(url_for("desk.letters"))
