"""Single sign-on at the desk: to the organisation's own sign-in, and back."""

from functools import partial
from typing import Any

from flask import render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from comments import links, openid_accounts
from comments.desk import way_in
from comments.desk.blueprint import desk
from comments.openid_accounts import OpenIDFailed
from comments.service import service

PASSWORDS = {"check_password", "forgotten", "mail_new_password", "new_password", "second_factor", "check_second_factor"}
"""What passwords are for, and what comes after one."""


@desk.context_processor
def _for_templates() -> dict[str, Any]:
    return {"openid_name": _name() if service().openid else ""}


def _name() -> str:
    facts = service().settings.facts
    return facts.sign_in.openid_name or service().words.gettext("Sign in with your account at %s") % facts.organisation


def _back() -> str:
    """Where the provider sends the browser: what it knows us by, whatever a request says of itself."""
    return service().notices.origin + url_for("desk.back_from_openid")


@desk.before_request
def refuse_passwords() -> tuple[str, int] | None:
    """Where site.toml switches passwords off, nothing that has to do with them is answered."""
    endpoint = str(request.endpoint).removeprefix("desk.")
    if service().settings.facts.sign_in.password or not (endpoint in PASSWORDS or _leads_to_a_password(endpoint)):
        return None
    message = service().words.gettext("Nobody signs in with a password here. Choose another way in.")
    return render_template("desk/not_signed_in.html", message=message, back=url_for("desk.sign_in")), 403


def _leads_to_a_password(endpoint: str) -> bool:
    if endpoint != "use_link":
        return False
    account = links.look(service().storage, str((request.view_args or {}).get("secret")))
    return account is not None and account["purpose"] != "terminal"


# A link and not a form: a form may lead nowhere but here (form-action in the Content-Security-Policy).
@desk.get("/logga-in/openid")
def leave_for_openid() -> BaseResponse | tuple[str, int]:
    """Go to the organisation's own sign-in."""
    openid = service().openid
    if openid is None:
        raise NotFound
    session["openid-next"] = way_in.safe(request.args.get("till")) or ""
    try:
        return openid.leave(_back())
    except OpenIDFailed as error:
        return _failed(error)


@desk.get("/logga-in/openid/svar")
def back_from_openid() -> BaseResponse | tuple[str, int]:
    """Come back from there: sign the person in, as far as the groups say that there is something to do here."""
    openid, facts, storage = service().openid, service().settings.facts, service().storage
    if openid is None:
        raise NotFound
    try:
        claims = openid.come_back(_back(), partial(openid_accounts.is_enough, sign_in=facts.sign_in))
        account = openid_accounts.account_of(storage, openid.provider.issuer, claims, facts)
    except OpenIDFailed as error:
        return _failed(error)
    return way_in.let_in(account, "openid", session.get("openid-next"))


def _failed(error: OpenIDFailed) -> tuple[str, int]:
    message, help = _words(error.why)
    page = render_template("desk/not_signed_in.html", message=message, help=help, back=url_for("desk.sign_in"))
    return page, error.status


def _words(why: str) -> tuple[str, str]:
    """What happened, and what to do about it."""
    _, facts = service().words.gettext, service().settings.facts
    again = _("Go back and try again. If it happens again, ask whoever runs %s.") % facts.title
    words = {
        "away": (
            _("The organisation's sign-in does not answer right now."),
            _("Try again in a while, or choose another way in."),
        ),
        "nonsense": (
            _("The organisation's sign-in gave an answer that can't be trusted, so nobody was signed in."),
            again,
        ),
        "old": (_("The sign-in took too long, or was begun in another window. Go back and try again."), ""),
        "denied": (_("The organisation's sign-in did not let you through."), again),
        "no_role": (
            _("You are signed in at your organisation, but no group that you are in may use the moderators' desk."),
            _("Ask an administrator at your organisation to put you in the right group, and sign in again."),
        ),
        "overage": (
            _("You are in so many groups that Microsoft Entra ID does not list them."),
            _(
                "An administrator of Entra ID has to choose “Groups assigned to the application” "
                "under Token configuration for this application."
            ),
        ),
        "no_address": (
            _("Your organisation's sign-in does not say which e-mail address you have."),
            _("An administrator has to add the claim “email” for this application."),
        ),
        "taken": (
            _("There is an account with your e-mail address here already, and it is not certain that it is yours."),
            _(
                "Sign in to it as you used to. For it to be yours with the organisation's sign-in, "
                "that has to confirm e-mail addresses: ask an administrator."
            ),
        ),
        "closed": (
            _("Your account at the moderators' desk is closed."),
            _("Ask an administrator of the desk if you should have it back."),
        ),
    }
    return words[why]
