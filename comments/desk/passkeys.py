"""Passkeys at the desk: signing in with one, alone or after the password, and an account's own."""

from typing import Any

from flask import Response, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, passkeys
from comments.answers import app_json
from comments.desk import way_in
from comments.desk.account import done, doubt, note_change
from comments.desk.blueprint import desk
from comments.passkeys import PasskeyRefused, Place
from comments.service import service

Row = dict[str, Any]
Answer = str | BaseResponse | tuple[str, int]


def _here() -> Place:
    facts = service().settings.facts
    return passkeys.place(service().notices.origin, facts.title)


def _begun(options: str, secret: str) -> Response:
    """The options for the browser's script, with the challenge's secret in this browser's cookie."""
    session["passkey"] = secret
    return current_app.response_class(options, mimetype="application/json")


def _json_error(message: str, status: int) -> Response:
    return current_app.response_class(app_json({"error": message}), status, mimetype="application/json")


@desk.context_processor
def _for_templates() -> dict[str, Any]:
    return {"passkeys_of": lambda account: passkeys.of(service().storage, account["id"])}


@desk.post("/logga-in/passnyckel/borja")
def begin_passkey_sign_in() -> Response:
    """The challenge for any passkey of this place."""
    return _begun(*passkeys.begin_using(service().storage, _here()))


@desk.route("/logga-in/passnyckel", methods=["GET", "POST"])
def passkey_sign_in() -> Answer:
    """Sign in with a passkey alone: the device is one factor, what unlocks it the other."""
    if request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    try:
        account = passkeys.use(service().storage, _here(), session.pop("passkey", None), request.form.get("answer", ""))
    except PasskeyRefused as error:
        return _refused(error, url_for("desk.sign_in"))
    return way_in.let_in(account, "passkey", request.args.get("till"))


@desk.post("/logga-in/andra-steget/passnyckel/borja")
def begin_passkey_second_factor() -> Response:
    """The challenge for the passkeys of the account whose password was right."""
    account = way_in.pending()
    if account is None:
        return _json_error(_message("old"), 403)
    return _begun(*passkeys.begin_using(service().storage, _here(), account["id"]))


@desk.route("/logga-in/andra-steget/passnyckel", methods=["GET", "POST"])
def passkey_second_factor() -> Answer:
    """Go on after the password with a passkey of that account."""
    account = way_in.pending()
    if account is None or request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        passkeys.use(service().storage, _here(), secret, answer, account["id"])
    except PasskeyRefused as error:
        return _refused(error, url_for("desk.second_factor"))
    return way_in.finish_pending("password+passkey")


@desk.post("/logga-in/andra-steget/ny-passnyckel/borja")
def begin_passkey_set_up() -> Response:
    """What the browser makes the first second factor from, after the password."""
    account = _without_second_factor()
    if account is None:
        return _json_error(_message("old"), 403)
    return _begun(*passkeys.begin_adding(service().storage, _here(), account))


@desk.route("/logga-in/andra-steget/ny-passnyckel", methods=["GET", "POST"])
def set_up_passkey() -> Answer:
    """Have a passkey as second factor from now on, and sign in with it; recovery codes are shown once."""
    account, parts = _without_second_factor(), service()
    if account is None or request.method != "POST":
        return redirect(url_for("desk.sign_in"))
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        made = passkeys.made(parts.storage, _here(), account, secret, answer)
        with parts.storage.transaction():
            passkeys.keep(parts.storage, account, made, parts.words.gettext("Passkey"))
            accounts.log(parts.storage, account["id"], account["email"], "passkey-added")
            parts.account_mails.changed(account, parts.words.gettext("A passkey was added to your account."))
            codes = parts.codes.new_recovery_codes(account["id"])
            way = way_in.finish_pending("password+passkey")
    except PasskeyRefused as error:
        return _refused(error, url_for("desk.second_factor"))
    way.set_data(render_template("desk/codes.html", codes=codes, next=way.headers.pop("Location")))
    way.status_code = 200
    return way


def _without_second_factor() -> Row | None:
    """The account whose password was right, as long as a password is all that it has."""
    account = way_in.pending()
    return account if account and not accounts.has_second_factor(service().storage, account) else None


@desk.post("/konto/passnycklar/borja")
def begin_passkey() -> Response:
    """What the browser makes a passkey from, for the account's owner alone."""
    error = doubt()
    if error:
        return _json_error(error, 403)
    try:
        return _begun(*passkeys.begin_adding(service().storage, _here(), g.account))
    except PasskeyRefused as refused:
        return _json_error(_message(refused.why), 400)


@desk.post("/konto/passnycklar")
def add_passkey() -> Answer:
    """Keep the passkey that the browser made, and ask what to call it."""
    _, storage = service().words.gettext, service().storage
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        made = passkeys.made(storage, _here(), g.account, secret, answer)
        with storage.transaction():
            id = passkeys.keep(storage, g.account, made, _("Passkey"))
            note_change("passkey-added", _("A passkey was added to your account."))
    except PasskeyRefused as error:
        return _refused(error, url_for("desk.account"))
    flash(_("The passkey is added, and you are signed out everywhere but here. What do you call it?"))
    return redirect(url_for("desk.passkey", id=id))


@desk.get("/konto/passnycklar/<int:id>")
def passkey(id: int) -> str:
    """One passkey: its name, and the way to be rid of it."""
    return _page(_mine(id))


def _mine(id: int) -> Row:
    found = next((row for row in passkeys.of(service().storage, g.account["id"]) if row["id"] == id), None)
    if found is None:
        raise NotFound
    return found


def _page(row: Row, **more: Any) -> str:
    return render_template("desk/passkey.html", row=row, **{"name": row["name"]} | more)


@desk.post("/konto/passnycklar/<int:id>/namn")
def rename_passkey(id: int) -> Answer:
    """Give a passkey another name."""
    row, name = _mine(id), request.form.get("name", "").strip()
    if passkeys.name_flaw(name):
        return _page(row, name=name, flaw=True), 400
    with service().storage.transaction():
        passkeys.rename(service().storage, g.account["id"], id, name)
        accounts.log(service().storage, g.account["id"], g.account["email"], "passkey-renamed", name)
    return done(service().words.gettext("The passkey is now called “%(name)s”.") % {"name": name})


@desk.post("/konto/passnycklar/<int:id>/ta-bort")
def remove_passkey(id: int) -> Answer:
    """Remove a passkey, unless it is the only second factor."""
    _, row, error = service().words.gettext, _mine(id), doubt()
    if error:
        return _page(row, wrong=error), 400
    try:
        with service().storage.transaction():
            name = passkeys.remove(service().storage, g.account, id)
            told = _("The passkey “%(name)s” was removed from your account.") % {"name": name}
            note_change("passkey-removed", told)
    except PasskeyRefused as refused:
        return _page(row, refused=_message(refused.why)), 409
    return done(_("The passkey is removed, and you are signed out everywhere but here."))


def _refused(error: PasskeyRefused, back: str) -> tuple[str, int]:
    status = 400 if error.why in ("old", "there", "many") else 403
    return render_template("desk/not_signed_in.html", message=_message(error.why), back=back), status


def _message(why: str) -> str:
    _ = service().words.gettext
    messages = {
        "old": _("It took too long, or was begun in another window. Go back and try again."),
        "unknown": _("This passkey is not known here. It may have been removed, or belong to another account."),
        "untrue": _("The passkey could not be checked. Go back and try again, or choose another way."),
        "there": _("This passkey is registered already."),
        "many": _("An account may have at most %d passkeys. Remove one that you don't use.") % passkeys.MOST,
        "last": _(
            "This is your only second factor, so it can't be removed. "
            "First add another passkey, or an app that shows codes."
        ),
    }
    return messages[why]
