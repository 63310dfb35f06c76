"""Passkeys at the desk: signing in with one, alone or after the password, and an account's own."""

from typing import Any

from flask import Response, current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from comments import accounts, passkeys, sessions
from comments.answers import app_json
from comments.desk import way_in
from comments.desk.blueprint import desk
from comments.passkeys import PasskeyRefused, Place
from comments.service import service

OPEN = {
    "desk.begin_passkey_sign_in",
    "desk.passkey_sign_in",
    "desk.begin_passkey_second_factor",
    "desk.passkey_second_factor",
}
"""What those who are not signed in reach."""

ACCOUNT, SECOND_FACTOR = "/moderering/konto", "/moderering/logga-in/andra-steget"

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
    return {"passkey_list": lambda: passkeys.of(service().storage, g.account["id"])}


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
    return way_in.let_in(account, "passkey", request.args.get("next"))


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
        return _refused(error, SECOND_FACTOR)
    return way_in.finish_pending("password+passkey")


@desk.post("/konto/passnycklar/borja")
def begin_passkey() -> Response:
    """What the browser makes a passkey from."""
    try:
        return _begun(*passkeys.begin_adding(service().storage, _here(), g.account))
    except PasskeyRefused as error:
        return _json_error(_message(error.why), 400)


@desk.post("/konto/passnycklar")
def add_passkey() -> Answer:
    """Keep the passkey that the browser made, and ask what to call it."""
    _, storage = service().words.gettext, service().storage
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        made = passkeys.made(storage, _here(), g.account, secret, answer)
        with storage.transaction():
            id = passkeys.keep(storage, g.account, made, _("Passkey"))
            _note("passkey-added", str(id), _("A passkey was added to your account."))
    except PasskeyRefused as error:
        return _refused(error, ACCOUNT)
    flash(_("The passkey is added, and you are signed out everywhere but here. What do you call it?"))
    return redirect(url_for("desk.passkey", id=id))


@desk.get("/konto/passnycklar/<int:id>")
def passkey(id: int) -> str:
    """One passkey: its name, and the way to be rid of it."""
    return _page(_mine(id))


def _mine(id: int) -> dict[str, Any]:
    found = next((row for row in passkeys.of(service().storage, g.account["id"]) if row["id"] == id), None)
    if found is None:
        raise NotFound
    return found


def _page(row: dict[str, Any], **more: Any) -> str:
    return render_template("desk/passkey.html", row=row, account_page=ACCOUNT, **{"name": row["name"]} | more)


@desk.post("/konto/passnycklar/<int:id>/namn")
def rename_passkey(id: int) -> Answer:
    """Give a passkey another name."""
    row, name = _mine(id), request.form.get("name", "").strip()
    if passkeys.name_flaw(name):
        return _page(row, name=name, flaw=True), 400
    with service().storage.transaction():
        passkeys.rename(service().storage, g.account["id"], id, name)
        accounts.log(service().storage, g.account["id"], g.account["email"], "passkey-renamed", f"{id}: {name}")
    flash(service().words.gettext("The passkey is now called “%(name)s”.") % {"name": name})
    return redirect(ACCOUNT)


@desk.post("/konto/passnycklar/<int:id>/ta-bort")
def remove_passkey(id: int) -> Answer:
    """Remove a passkey, unless it is the only second factor."""
    _, row = service().words.gettext, _mine(id)
    try:
        with service().storage.transaction():
            name = passkeys.remove(service().storage, g.account, id)
            told = _("The passkey “%(name)s” was removed from your account.") % {"name": name}
            _note("passkey-removed", f"{id}: {name}", told)
    except PasskeyRefused as error:
        return _page(row, refused=_message(error.why)), 409
    flash(_("The passkey is removed, and you are signed out everywhere but here."))
    return redirect(ACCOUNT)


def _note(what: str, note: str, told: str) -> None:
    """Log a change of what signs an account in, mail it to whom it belongs, and end all its other sessions."""
    parts = service()
    accounts.log(parts.storage, g.account["id"], g.account["email"], what, note)
    sessions.end_all(parts.storage, g.account["id"], but=g.account["session"])
    parts.outbox.write("account-changed", g.account["email"], *_mail(told))


def _mail(told: str) -> tuple[str, str]:
    _, facts = service().words.gettext, service().settings.facts
    body = _(
        "%(told)s\n\nYour account: %(link)s\n\n"
        "If it was not you, tell an administrator of the desk at once: somebody else is in your account.\n"
    )
    return _("Your account at %s was changed") % facts.title, body % {
        "told": told,
        "link": f"{service().notices.origin}{ACCOUNT}",
    }


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
