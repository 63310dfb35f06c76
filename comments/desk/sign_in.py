"""The way into the desk: password, second factor, one-time links, forgotten passwords."""

from typing import Any

from flask import Response, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, links, passwords, sessions
from comments.desk import devices, way_in
from comments.desk.blueprint import desk
from comments.reception import EMAIL_CHARACTERS, hash_secret, is_plain
from comments.service import service

Row = dict[str, Any]

TRIES = 5
"""So many wrong codes, then it begins again with the password."""


@desk.get("/logga-in")
def sign_in() -> BaseResponse:
    """How to get in."""
    if g.account:
        return redirect(way_in.safe(request.args.get("till")) or url_for("desk.queue"))
    return _sign_in_page(request.args.get("till"))


def _sign_in_page(next: str | None, error: str | None = None, status: int = 200, email: str = "") -> Response:
    shown = email if is_plain(email) else ""
    page = render_template("desk/sign_in.html", next=way_in.safe(next), error=error, email=shown[:EMAIL_CHARACTERS])
    return Response(page, status)


@desk.post("/logga-in")
def check_password() -> BaseResponse:
    """The first step: the answer is the same whether there is such an account or not."""
    _, email, next = service().words.gettext, request.form.get("email", "").strip(), request.form.get("next")
    account = accounts.find(service().storage, email) if len(email) <= EMAIL_CHARACTERS else None
    keys = _counted(account, email)
    if seconds := service().throttle.pause(*keys):
        return too_many(seconds, _sign_in_page(next, _too_often(seconds), 429, email))
    if not passwords.check(service().storage, account, request.form.get("password", "")):
        service().throttle.failed(*keys)
        return _sign_in_page(next, _("The address or the password is wrong."), 400, email)
    assert account
    service().throttle.succeeded(keys[0])
    way_in.begin_pending(account, next)
    return redirect(url_for("desk.second_factor"))


def _counted(account: Row | None, email: str) -> tuple[str, ...]:
    """Whose failures these are: this browser's own where the account knows it, a stranger's elsewhere."""
    mark = devices.known(account["id"]) if account else None
    if mark:
        return (f"device {mark}",)
    network, address = service().reception.sender(request.remote_addr or ""), email.casefold()[:EMAIL_CHARACTERS]
    return f"pair {network} {address}", f"network {network}", f"strangers {address}"


def _too_often(seconds: int) -> str:
    minutes, ngettext = -(-seconds // 60), service().words.ngettext
    told = ngettext(
        "It was wrong too often. Try again in %d minute.", "It was wrong too often. Try again in %d minutes.", minutes
    )
    return told % minutes


def too_many(seconds: int, answer: Response) -> Response:
    """The answer, with when to come back."""
    answer.headers["Retry-After"] = str(seconds)
    return answer


@desk.get("/logga-in/andra-steget")
def second_factor() -> BaseResponse:
    """The second step: a code, or for one who has no second factor yet, setting one up."""
    account = way_in.pending()
    return second_factor_page(account) if account else _begin_again()


def second_factor_page(account: Row, error: str | None = None, status: int = 200) -> Response:
    """The page of the second step, with what went wrong."""
    known = accounts.has_second_factor(service().storage, account)
    secret = None if known else service().codes.usable(request.form.get("secret", ""))
    picture = service().codes.picture(account, secret) if secret else None
    values = {"account": account, "secret": secret, "picture": picture, "error": error}
    return Response(render_template("desk/second_factor.html", **values), status)


@desk.post("/logga-in/andra-steget")
def check_second_factor() -> BaseResponse:
    """A code from the app or from paper; or the first one from an app that has just been set up."""
    account = way_in.pending()
    if account is None:
        return _begin_again()
    pending, mark = f"pending {hash_secret(session['pending'])}", devices.known(account["id"])
    keys = (f"device {mark}" if mark else f"codes {account['id']}", pending)
    if seconds := service().throttle.pause(keys[0]):
        return too_many(seconds, second_factor_page(account, _too_often(seconds), 429))
    if not accounts.has_second_factor(service().storage, account):
        return _set_up(account)
    how = _how(account, request.form.get("code", "")[:100])
    if how is None:
        service().throttle.failed(*keys)
        if service().throttle.number(pending) >= TRIES:
            way_in.give_up()
            return _begin_again()
        return second_factor_page(account, service().words.gettext("The code is wrong, or was used already."), 400)
    service().throttle.succeeded(*keys)
    return way_in.finish_pending(how)


def _how(account: Row, code: str) -> str | None:
    """What a code is, if it is right: each is so once."""
    if service().codes.is_right(account, code):
        return "password+totp"
    with service().storage.transaction():
        if not service().codes.use_recovery_code(account["id"], code):
            return None
        accounts.log(service().storage, account["id"], account["email"], "recovery-code-used")
        told = service().words.gettext("One of your recovery codes was used to sign in.")
        service().account_mails.changed(account, told)
    return "password+recovery"


def _set_up(account: Row) -> BaseResponse:
    secret, code = request.form.get("secret", ""), request.form.get("code", "")[:100]
    with service().storage.transaction():
        if not service().codes.set_up(account["id"], secret, code):
            return second_factor_page(account, not_shown(), 400)
        accounts.log(service().storage, account["id"], account["email"], "app-set-up")
        codes = service().codes.new_recovery_codes(account["id"])
        answer = way_in.finish_pending("password+totp")
    # The codes are shown once, on the page that signing in leads to first.
    answer.set_data(render_template("desk/codes.html", codes=codes, next=answer.headers.pop("Location")))
    answer.status_code = 200
    return answer


def not_shown() -> str:
    """Why an app was not set up."""
    return service().words.gettext("The code is not the one that the app should show now. Wait for its next one.")


def _begin_again() -> BaseResponse:
    way_in.give_up()
    flash(service().words.gettext("Begin again with your address and password."), "error")
    return redirect(url_for("desk.sign_in"))


@desk.get("/logga-in/glomt")
def forgotten() -> str:
    """A new password, by mail."""
    return render_template("desk/forgotten.html", asked=False, missing=False)


@desk.post("/logga-in/glomt")
def mail_new_password() -> str | tuple[str, int]:
    """Mail a link; the answer is the same whether there is such an account or not."""
    email = request.form.get("email", "").strip()
    if "@" not in email:
        return render_template("desk/forgotten.html", asked=False, missing=True), 400
    service().account_mails.new_password(email)
    return render_template("desk/forgotten.html", asked=True, missing=False)


@desk.route("/logga-in/<secret>", methods=["GET", "POST"])
def use_link(secret: str) -> BaseResponse:
    """A one-time link: opening it changes nothing (mail scanners do that), the button does."""
    account = links.look(service().storage, secret)
    if account is None:
        return Response(render_template("desk/link.html", account=None), 403)
    if request.method != "POST":
        return Response(render_template("desk/link.html", account=account, secret=secret, error=None))
    if account["purpose"] == "terminal":
        used = links.use(service().storage, secret)
        return way_in.let_in(used, "link") if used else redirect(request.path)
    return _choose_password(account, secret)


def _choose_password(account: Row, secret: str) -> BaseResponse:
    chosen = request.form.get("password", "")
    error = passwords.flaw(chosen, known_by(account), service().words)
    if error:
        return Response(render_template("desk/link.html", account=account, secret=secret, error=error), 400)
    with service().storage.transaction():
        if links.use(service().storage, secret) is None:
            return redirect(request.path)
        passwords.keep(service().storage, account["id"], chosen)
        sessions.end_all(service().storage, account["id"])
        accounts.log(service().storage, account["id"], account["email"], "password-chosen", account["purpose"])
        if account["purpose"] == "password":
            told = service().words.gettext("Your password was changed by a link that was mailed to you.")
            service().account_mails.changed(account, told)
    way_in.begin_pending(account)
    return redirect(url_for("desk.second_factor"))


def known_by(account: Row) -> list[str]:
    """What an account's password must not be made of."""
    user, _at, domain = account["email"].partition("@")
    facts = service().settings.facts
    return [user, domain, *account["name"].split(), facts.title, facts.organisation]
