"""An account's own passkeys: add one, name it, be rid of it."""

from typing import Any

from flask import Response, flash, g, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound

from comments import accounts, passkeys
from comments.desk.account import done, doubt, note_change
from comments.desk.blueprint import desk
from comments.desk.passkey_answers import Answer, Row, begun, here, json_error, refusal, words
from comments.passkeys import PasskeyRefused
from comments.service import service


@desk.context_processor
def _for_templates() -> dict[str, Any]:
    return {"passkeys_of": lambda account: passkeys.of(service().storage, account["id"])}


@desk.post("/konto/passnycklar/borja")
def begin_passkey() -> Response:
    """What the browser makes a passkey from, for the account's owner alone."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    error = doubt()
    if error:
        return json_error(error, 403)
    try:
        return begun(*passkey_checks.begin_adding(service().storage, here(), g.account))
    except PasskeyRefused as refused:
        return json_error(words(refused.why), 400)


@desk.post("/konto/passnycklar")
def add_passkey() -> Answer:
    """Keep the passkey that the browser made, and ask what to call it."""
    from comments import passkey_checks  # loads webauthn, which takes 7 MB that few sign-ins need

    _, storage = service().words.gettext, service().storage
    secret, answer = session.pop("passkey", None), request.form.get("answer", "")
    try:
        made = passkey_checks.made(storage, here(), g.account, secret, answer)
        with storage.transaction():
            id = passkeys.keep(storage, g.account, made, _("Passkey"))
            note_change("passkey-added", _("A passkey was added to your account."))
    except PasskeyRefused as error:
        return refusal(error, url_for("desk.account"))
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
        return _page(row, refused=words(refused.why)), 409
    return done(_("The passkey is removed, and you are signed out everywhere but here."))
