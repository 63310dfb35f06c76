"""Signing in with a passkey: alone, after the password, or making the first one on the way in."""

from flask import Response, redirect, render_template, request, session, url_for

from comments import accounts, passkeys
from comments.desk import way_in
from comments.desk.blueprint import desk
from comments.desk.passkey_answers import Answer, Row, begun, here, json_error, refusal, words
from comments.passkeys import PasskeyRefused
from comments.service import service


@desk.post("/logga-in/passnyckel/borja")
def begin_passkey_sign_in() -> Response:
    """The challenge for any passkey of this place."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    return begun(*passkey_checks.begin_using(service().storage, here()))


@desk.route("/logga-in/passnyckel", methods=["GET", "POST"])
def passkey_sign_in() -> Answer:
    """Sign in with a passkey alone: the device is one factor, what unlocks it the other."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    if request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    try:
        account = passkey_checks.use(
            service().storage, here(), session.pop("passkey", None), request.form.get("answer", "")
        )
    except PasskeyRefused as error:
        return refusal(error, url_for("desk.sign_in"))
    return way_in.let_in(account, "passkey", request.args.get("till"))


@desk.post("/logga-in/andra-steget/passnyckel/borja")
def begin_passkey_second_factor() -> Response:
    """The challenge for the passkeys of the account whose password was right."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    account = way_in.pending()
    if account is None:
        return json_error(words("old"), 403)
    return begun(*passkey_checks.begin_using(service().storage, here(), account["id"]))


@desk.route("/logga-in/andra-steget/passnyckel", methods=["GET", "POST"])
def passkey_second_factor() -> Answer:
    """Go on after the password with a passkey of that account."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    account = way_in.pending()
    if account is None or request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        passkey_checks.use(service().storage, here(), secret, answer, account["id"])
    except PasskeyRefused as error:
        return refusal(error, url_for("desk.second_factor"))
    return way_in.finish_pending("password+passkey")


@desk.post("/logga-in/andra-steget/ny-passnyckel/borja")
def begin_passkey_set_up() -> Response:
    """What the browser makes the first second factor from, after the password."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    account = _without_second_factor()
    if account is None:
        return json_error(words("old"), 403)
    return begun(*passkey_checks.begin_adding(service().storage, here(), account))


@desk.route("/logga-in/andra-steget/ny-passnyckel", methods=["GET", "POST"])
def set_up_passkey() -> Answer:
    """Have a passkey as second factor from now on, and sign in with it; recovery codes are shown once."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    account, parts = _without_second_factor(), service()
    if account is None or request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        made = passkey_checks.made(parts.storage, here(), account, secret, answer)
        with parts.storage.transaction():
            passkeys.keep(parts.storage, account, made, parts.words.gettext("Passkey"))
            accounts.log(parts.storage, account["id"], account["email"], "passkey-added")
            parts.account_mails.changed(account, parts.words.gettext("A passkey was added to your account."))
            codes = parts.codes.new_recovery_codes(account["id"])
            way = way_in.finish_pending("password+passkey")
    except PasskeyRefused as error:
        return refusal(error, url_for("desk.second_factor"))
    way.set_data(render_template("desk/codes.html", codes=codes, next=way.headers.pop("Location")))
    way.status_code = 200
    return way


def _without_second_factor() -> Row | None:
    """The account whose password was right, as long as a password is all that it has."""
    account = way_in.pending()
    return account if account and not accounts.has_second_factor(service().storage, account) else None
