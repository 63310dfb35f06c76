"""Errors as people and programs meet them: a page of ours or JSON, never a trace of the code."""

import logging
from typing import Any

from flask import Flask, Response, current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from comments.letters import LettersUnknown
from comments.service import service
from comments.storage import StorageBusy

logger = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    """Answer every error in our own words, as a page or as JSON."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(StorageBusy, _busy)
    app.register_error_handler(LettersUnknown, _busy)


def failure(status: int, message: str, text: str = "") -> Response:
    """An error as asked for, HTML or JSON; `text` is what a resident wrote and must not lose."""
    if wants_json():
        return Response(app_json({"error": message, "errors": {}}), status, mimetype="application/json")
    return Response(render_template("public/message.html", message=message, text=text), status)


def app_json(value: Any) -> str:
    """JSON text of a value."""
    return current_app.json.dumps(value, ensure_ascii=False)


def wants_json() -> bool:
    """Whether the request asks for JSON rather than a page."""
    kinds = ["text/html", "application/json"]
    if request.mimetype == "application/json":
        kinds.reverse()  # who sends JSON, and accepts anything, is a program
    return request.accept_mimetypes.best_match(kinds, kinds[0]) == "application/json"


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    answer = failure(error.code, message(error.code))
    allow = error.get_response().headers.get("Allow")
    if allow:
        answer.headers["Allow"] = allow
    return answer


def message(status: int) -> str:
    """What a status means, in words for the one who asked."""
    _ = service().words.gettext
    messages = {
        403: _("This could not be done, because the request did not come from this site. Go back and try again."),
        404: _("There is nothing at this address."),
        405: _("This address can't be used in that way."),
        413: _("The comment is too long. Shorten it and try again."),
        415: _("Send the comment as a form or as JSON."),
        500: _("Something went wrong here. It is not your fault. Try again in a while."),
    }
    return messages.get(status, _("The request could not be understood. Go back and try again."))


def _csrf_error(_error: CSRFError) -> Response:
    return failure(400, service().words.gettext("The page had grown old. Go back, reload it and try again."))


def _busy(error: Exception) -> Response:
    logger.error("not available: %s", error)
    _ = service().words.gettext
    text = request.form.get("text") or request.form.get("note") or ""
    if text:
        return failure(503, _("Try again in a while. Nothing was lost: your text is below."), text)
    return failure(503, _("This could not be done right now, and nothing was changed. Try again in a while."))
