"""One's own account: password, second factor, recovery codes, where one is signed in."""

import time
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, passwords, sessions
from comments.desk import devices
from comments.desk.blueprint import desk
from comments.desk.sign_in import known_by
from comments.service import service

Row = dict[str, Any]

FRESH_SECONDS = 15 * 60
"""After a sign-in, who has no password need not prove again who it is."""

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


@desk.get("/konto")
def account() -> Response:
    """What there is to see and change."""
    return account_page()


def account_page(errors: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page of one's account; `errors` by the name of the form that they belong to."""
    page = render_template(
        "desk/account.html",
        account=g.account,
        sessions=[row | {"browser": browser(row["agent"])} for row in sessions.of(service().storage, g.account["id"])],
        codes_left=service().codes.recovery_codes_left(g.account["id"]),
        history=accounts.history(service().storage, g.account["id"], 20),
        errors=errors or {},
    )
    return Response(page, status)


def browser(agent: str) -> str:
    """A browser in words, by what it calls itself: "Firefox, Android"; "" where it is none that we know."""
    found = (next((name for mark, name in names.items() if mark in agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))


def doubt() -> str | None:
    """Why it may not be the account's owner who asks for this; None where the password proves it.

    Somebody without a password must have signed in a moment ago (OWASP ASVS 5.0, 7.5.1).
    """
    _, mark = service().words.gettext, devices.known(g.account["id"]) or str(g.account["session"])
    if g.account["password"] is None:
        fresh = g.account["session_created"] > time.time() - FRESH_SECONDS
        return None if fresh else _("Sign out and in again first: this needs a fresh sign-in.")
    if service().throttle.pause(f"device {mark}"):
        return _("The password was wrong too often. Wait a while.")
    if passwords.check(service().storage, g.account, request.form.get("current", "")):
        return None
    service().throttle.failed(f"device {mark}")
    return _("The password is wrong.")


@desk.post("/konto/losenord")
def new_password() -> BaseResponse:
    """Choose another password; every other session ends."""
    error = doubt()
    if error:
        return account_page({"password-current": error}, 400)
    chosen = request.form.get("password", "")
    flaw = passwords.flaw(chosen, known_by(g.account), service().words)
    if flaw:
        return account_page({"password-new": flaw}, 400)
    with service().storage.transaction():
        passwords.keep(service().storage, g.account["id"], chosen)
        note_change("password-changed", service().words.gettext("Your password was changed."))
    return done(service().words.gettext("The password is changed. You are signed out everywhere else."))


@desk.get("/konto/app")
def new_app() -> Response:
    """An app that shows codes, to be set up."""
    return _app_page(service().codes.new_secret())


def _app_page(secret: str, errors: dict[str, str] | None = None) -> Response:
    picture = service().codes.picture(g.account, secret)
    page = render_template("desk/app.html", secret=secret, picture=picture, account=g.account, errors=errors or {})
    return Response(page, 400 if errors else 200)


@desk.post("/konto/app")
def set_up_app() -> BaseResponse:
    """Have the codes come from that app from now on."""
    secret, code = request.form.get("secret", ""), request.form.get("code", "")[:100]
    error = doubt()
    if error:
        return _app_page(service().codes.usable(secret), {"current": error})
    with service().storage.transaction():
        if not service().codes.set_up(g.account["id"], secret, code):
            told = service().words.gettext(
                "The code is not the one that the app should show now. Wait for its next one."
            )
            return _app_page(service().codes.usable(secret), {"code": told})
        note_change("app-set-up", service().words.gettext("An app that shows codes was set up for your account."))
        if service().codes.recovery_codes_left(g.account["id"]):
            return done(service().words.gettext("The app is set up. You are signed out everywhere else."))
        return _codes_page()


@desk.post("/konto/app/ta-bort")
def remove_app() -> BaseResponse:
    """No app any more, where a passkey is left."""
    error = doubt()
    without = g.account | {"totp": None}
    if not error and not accounts.has_second_factor(service().storage, without):
        error = service().words.gettext("It is your only second step. Add a passkey first, or set up another app.")
    if error:
        return account_page({"app": error}, 400)
    with service().storage.transaction():
        service().codes.remove(g.account["id"])
        note_change("app-removed", service().words.gettext("The app that shows codes was removed from your account."))
    return done(service().words.gettext("The app is removed. You are signed out everywhere else."))


@desk.post("/konto/koder")
def new_codes() -> BaseResponse:
    """Ten new recovery codes; the old ones work no more."""
    error = doubt()
    if error:
        return account_page({"codes": error}, 400)
    with service().storage.transaction():
        note_change("recovery-codes-made", service().words.gettext("New recovery codes were made for your account."))
        return _codes_page()


def _codes_page() -> Response:
    codes = service().codes.new_recovery_codes(g.account["id"])
    return Response(render_template("desk/codes.html", codes=codes, next=url_for("desk.account")))


@desk.post("/konto/sessioner/<int:id>/avsluta")
def end_session(id: int) -> BaseResponse:
    """End one of one's sessions."""
    with service().storage.transaction():
        if sessions.end(service().storage, g.account["id"], id):
            accounts.log(service().storage, g.account["id"], g.account["email"], "session-ended")
    return done(service().words.gettext("That browser is signed out."))


@desk.post("/konto/sessioner/avsluta")
def end_other_sessions() -> BaseResponse:
    """End all of one's sessions but this one."""
    with service().storage.transaction():
        sessions.end_all(service().storage, g.account["id"], but=g.account["session"])
        accounts.log(service().storage, g.account["id"], g.account["email"], "sessions-ended")
    return done(service().words.gettext("You are signed out everywhere else."))


def note_change(what: str, told: str) -> None:
    """In the running transaction: end the other sessions, note and mail what was changed."""
    sessions.end_all(service().storage, g.account["id"], but=g.account["session"])
    accounts.log(service().storage, g.account["id"], g.account["email"], what)
    service().account_mails.changed(g.account, told)


def done(told: str) -> BaseResponse:
    """Back to the account, with what was done."""
    flash(told)
    return redirect(url_for("desk.account"))
