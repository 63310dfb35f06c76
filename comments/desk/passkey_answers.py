"""What all pages about passkeys share: the place that they are for, and what is said where one is not taken."""

from typing import Any

from flask import Response, current_app, render_template, session
from werkzeug.wrappers import Response as BaseResponse

from comments import passkeys
from comments.answers import app_json
from comments.passkeys import PasskeyRefused, Place
from comments.service import service

Row = dict[str, Any]
Answer = str | BaseResponse | tuple[str, int]


def here() -> Place:
    """Where the desk is, as the service knows it."""
    facts = service().settings.facts
    return passkeys.place(service().notices.origin, facts.title)


def begun(options: str, secret: str) -> Response:
    """The options for the browser's script, with the challenge's secret in this browser's cookie."""
    session["passkey"] = secret
    return current_app.response_class(options, mimetype="application/json")


def json_error(message: str, status: int) -> Response:
    """What the script shows instead of asking the browser."""
    return current_app.response_class(app_json({"error": message}), status, mimetype="application/json")


def refusal(error: PasskeyRefused, back: str) -> tuple[str, int]:
    """The page that says why a passkey was not taken, with the way back."""
    status = 400 if error.why in ("old", "there", "many") else 403
    return render_template("desk/not_signed_in.html", message=words(error.why), back=back), status


def words(why: str) -> str:
    """Why, in words."""
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
