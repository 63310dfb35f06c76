"""All accounts, for those who see to them: invite, change, close, let begin again."""

from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts
from comments.desk.blueprint import desk
from comments.reception import is_plain
from comments.service import service
from common.fact_values import MOST_CHARACTERS

Row = dict[str, Any]

FIELDS = ("email", "name", "title", "role")


@desk.get("/konton")
def staff() -> Response:
    """All accounts, and the form that invites."""
    return _page({"role": "moderator"})


def _page(values: dict[str, str], errors: dict[str, str] | None = None) -> Response:
    everyone = accounts.everyone(service().storage)
    page = render_template("desk/staff.html", everyone=everyone, values=values, errors=errors or {}, roles=roles())
    return Response(page, 400 if errors else 200)


def roles() -> dict[str, str]:
    """What each role may do, in words."""
    _ = service().words.gettext
    return {
        "moderator": _("Moderator: decides, and answers for the organisation"),
        "author": _("Author: also answers as the letters' writers"),
        "admin": _("Administrator: also sees to accounts"),
    }


@desk.post("/konton")
def invite() -> BaseResponse:
    """Add an account and mail its invitation."""
    values = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors = _flaws(values) | _email_flaw(values["email"])
    if errors:
        return _page({name: value if is_plain(value) else "" for name, value in values.items()}, errors)
    values |= _office(values)
    with service().storage.transaction():
        account = accounts.add(service().storage, **values, who=g.account["email"])
        service().account_mails.invite(account)
    flash(
        service().words.gettext("An invitation is on its way to %s. It works once, within three days.")
        % account["email"]
    )
    return redirect(url_for("desk.member", id=account["id"]))


def _flaws(values: dict[str, str]) -> dict[str, str]:
    _ = service().words.gettext
    found = {}
    for name in ("name", "title"):
        if values[name] and not accounts.is_signature(values[name]):
            found[name] = _("Write plain text of at most %d characters.") % MOST_CHARACTERS
    if not values["name"]:
        found["name"] = _("Write the name that stands with official answers.")
    if values["role"] not in accounts.ROLES:
        found["role"] = _("Choose what the account may do.")
    return found


def _office(values: dict[str, str]) -> dict[str, str]:
    """Nobody answers officially without an office: that is the badge."""
    return {"title": values["title"] or service().settings.facts.organisation}


def _email_flaw(email: str) -> dict[str, str]:
    _ = service().words.gettext
    flaw = service().reception.email_flaw(email) if email else _("Write an e-mail address like name@example.com.")
    known = None if flaw else accounts.find(service().storage, email)
    if known and not known["closed"]:
        flaw = _("There is an account with that address already.")
    return {"email": flaw} if flaw else {}


@desk.get("/konton/<int:id>")
def member(id: int) -> Response:
    """One account, what was done with it, and what can be."""
    return _member_page(_of(id))


def _member_page(account: Row, errors: dict[str, str] | None = None, values: dict[str, str] | None = None) -> Response:
    page = render_template(
        "desk/member.html",
        account=account,
        values=values or account,
        errors=errors or {},
        roles=roles(),
        own=account["id"] == g.account["id"],
        second=accounts.has_second_factor(service().storage, account),
        history=accounts.history(service().storage, account["id"]),
    )
    return Response(page, 400 if errors else 200)


def _of(id: int) -> Row:
    return accounts.get(service().storage, id) or abort(404)


@desk.post("/konton/<int:id>")
def change_member(id: int) -> BaseResponse:
    """Give somebody another name, title or role; one's own role stays."""
    account = _of(id)
    values = {name: request.form.get(name, account[name]).strip() for name in ("name", "title", "role")}
    errors = _flaws(values)
    if account["id"] == g.account["id"] and values["role"] != account["role"]:
        errors["role"] = service().words.gettext("Nobody changes their own role. Ask another administrator.")
    if errors:
        shown = {name: value if is_plain(value) else "" for name, value in values.items()}
        return _member_page(account, errors, shown)
    values |= _office(values)
    return _done(account, lambda: accounts.change(service().storage, account, g.account["email"], **values))


@desk.post("/konton/<int:id>/stang")
def close_member(id: int) -> BaseResponse:
    """Close somebody's account; what it decided stays signed by it."""
    account = _not_own(id)
    return _done(account, lambda: accounts.close(service().storage, account, g.account["email"]))


@desk.post("/konton/<int:id>/aterstall")
def reset_member(id: int) -> BaseResponse:
    """Take somebody's second factors away: they have lost them."""
    account = _not_own(id)
    _ = service().words.gettext

    def reset() -> None:
        with service().storage.transaction():
            accounts.reset(service().storage, account, g.account["email"])
            told = _("An administrator has taken away your second step. You set up a new one when you sign in.")
            service().account_mails.changed(account, told)

    return _done(account, reset)


@desk.post("/konton/<int:id>/bjud-in")
def invite_again(id: int) -> BaseResponse:
    """A new invitation, also to an account that was closed."""
    account = _not_own(id)

    def invite() -> None:
        with service().storage.transaction():
            again = {name: account[name] for name in FIELDS}
            service().account_mails.invite(accounts.add(service().storage, **again, who=g.account["email"]))

    return _done(account, invite)


def _not_own(id: int) -> Row:
    account = _of(id)
    if account["id"] == g.account["id"]:
        abort(403)
    return account


def _done(account: Row, task: Any) -> BaseResponse:
    _ = service().words.gettext
    try:
        task()
    except accounts.LastAdmin:
        told = _("%s is the only administrator. Make somebody else one first.") % account["name"]
        return _member_page(account, {"role": told})
    flash(_("Done. It stands in the account's log."))
    return redirect(url_for("desk.member", id=account["id"]))
