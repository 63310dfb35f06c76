"""Isso in process: its markup, validation and API, on our storage, with its unsafe routes closed.

Isso's classes are subclassed and given other parts, never patched. What is closed, and why, stands
beside each route in isso_api.py; tests/service/test_isso_traps.py shows every trap against plain Isso.
"""

from importlib.resources import files
from typing import Any

from isso import Isso, config, ext, local, local_manager
from isso.core import Mixin
from isso.utils import JSONRequest, JSONResponse
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.routing import Map
from werkzeug.wrappers import Response

from comments.isso_api import SafeAPI, Unfit
from comments.isso_storage import IssoStorage
from comments.letters import LettersUnknown
from comments.origin import is_cut_short, is_forged
from comments.publish import Publisher
from comments.reception import Reception, Rejected
from comments.storage import Storage, StorageBusy
from common.facts import Facts

WRITE_NOTHING = ("/preview", "/count")
"""POST routes that only compute: they must not wait for the one writer, nor hold it up."""


def isso_config(edit_window_seconds: int) -> config.IssoParser:
    """Isso's defaults with the settings of ours that its views read."""
    settings = config.load(config.default_file())
    settings.set("moderation", "enabled", "true")
    settings.set("general", "max-age", str(edit_window_seconds))
    settings.set("guard", "require-author", "true")
    settings.set("guard", "reply-to-self", "true")
    return settings


class Engine(Isso, Mixin):  # type: ignore[misc]
    """Isso's application, made of our parts instead of its own storage, purge thread and notifications."""

    def __init__(
        self,
        storage: Storage,
        reception: Reception,
        publisher: Publisher,
        key: str,
        facts: Facts,
        conf: config.IssoParser | None = None,
    ) -> None:
        """`conf` stands in the place of `isso_config`: Isso's own tests bring theirs."""
        self.storage = storage
        self.reception = reception
        self.site_url = facts.url
        self.conf = conf or isso_config(facts.comments.edit_window_minutes * 60)
        Mixin.__init__(self, self.conf)
        self.db = IssoStorage(storage, reception, publisher, self.conf)
        self.signer = URLSafeTimedSerializer(key, salt="isso-edit")
        self.render = publisher.render
        self.signal = ext.Signal()
        self.urls = Map()
        SafeAPI(self, reception)

    def dispatch(self, request: JSONRequest) -> Any:
        """Answer one request; one that writes is one transaction, undone when it ends in an error."""
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self._answer(request)
        try:
            # Read before the transaction, so that a slow sender holds up nobody else's writing.
            if is_cut_short(request):
                raise BadRequest("the body ended too early")
            if request.path in WRITE_NOTHING:
                return self._answer(request)
            self.reception.letters.refresh()  # it may ask another machine
            with self.storage.transaction():
                answer = self._answer(request)
                if answer.status_code >= 400:
                    raise _Undo(answer)
                return answer
        except HTTPException as error:
            return in_json(error)
        except _Undo as undo:
            return undo.answer

    def _answer(self, request: JSONRequest) -> Any:
        local.request = request
        local.host = request.host_url.rstrip("/")
        local.origin = local.host
        if is_forged(request.environ, self.site_url):
            return in_json(Forbidden("the request did not come from this site"))
        try:
            handler, values = self.urls.bind_to_environ(request.environ).match()
            answer = handler(request.environ, request, **values)
            return in_json(answer) if isinstance(answer, HTTPException) else answer
        except Rejected as rejected:
            told = {"message": rejected.message, "errors": rejected.errors}
            if isinstance(rejected, Unfit):
                told["reason"] = rejected.reason
            return JSONResponse(told, rejected.status)
        except HTTPException as error:
            return in_json(error)
        except RecursionError:
            return in_json(BadRequest("the JSON is nested too deeply"))

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """The WSGI entry; a busy database or a site not built is a 503 that asks to try again, with nothing stored."""
        try:
            answer = self.dispatch(JSONRequest(environ))
        except (StorageBusy, LettersUnknown):
            answer = JSONResponse({"message": "Try again in a while."}, 503, headers={"Retry-After": "30"})
        return answer(environ, start_response)


class _Undo(Exception):
    def __init__(self, answer: Any) -> None:
        self.answer = answer


def in_json(error: HTTPException) -> Response:
    """The answer that tells of an error, for a program."""
    answer = error.get_response()
    if answer.status_code < 400:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name == "Allow"}
    return JSONResponse({"message": error.description}, answer.status_code, headers=kept)


def isso_application(engine: Engine) -> Any:
    """The WSGI app under /isso/: Isso's API and its stock client, embed.min.js with its style."""
    client = {f"/{name}": str(files("isso").joinpath(name)) for name in ("js/embed.min.js", "css/isso.css")}
    return local_manager.make_middleware(SharedDataMiddleware(engine, client))
