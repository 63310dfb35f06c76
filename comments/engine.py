"""Isso in process: its markup, validation and API, on our storage, with its unsafe routes closed.

Isso's classes are subclassed and given other parts, never patched. What is closed, and why, stands
beside each route; tests/service/test_isso_traps.py shows every trap against plain Isso.
"""

import html
import logging
import re
import time
from functools import lru_cache
from importlib.resources import files
from typing import Any

from isso import Isso, config, ext, local, local_manager
from isso.core import Mixin
from isso.html import Markup
from isso.utils import JSONRequest, JSONResponse
from isso.views import comments as views
from isso.views import requires
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.routing import Map
from werkzeug.wrappers import Response

from comments.isso_storage import IssoStorage
from comments.letters import LettersUnknown
from comments.origin import is_forged
from comments.publish import Publisher
from comments.reception import Reception, Rejected, is_plain
from comments.storage import Storage, StorageBusy
from common.facts import Facts

logger = logging.getLogger(__name__)

HEADING = re.compile(r"<(/?)h[1-6]>")
REL = 'rel="nofollow noopener"'
LARGEST_ID = 2**63 - 1
MOST_ADDRESSES = 1000


class Renderer:
    """Markdown of a comment to safe HTML, by Isso's renderer and sanitiser.

    A heading becomes bold text, so that no comment breaks the outline of the letter's page.
    """

    def __init__(self) -> None:
        self.markup = Markup(isso_config(0))
        # Rendering is a pure function of the text; long texts are left out to bound the memory.
        self._remembered = lru_cache(maxsize=4096)(self._render)

    def __call__(self, text: str) -> str:
        """Sanitised HTML of one comment."""
        return self._remembered(text) if len(text) < 4000 else self._render(text)

    def _render(self, text: str) -> str:
        safe = self.markup.render(text)
        bold = HEADING.sub(lambda tag: "</strong></p>" if tag[1] else "<p><strong>", safe)
        return bold.replace(REL, 'rel="nofollow ugc noopener"')


class NoHash:
    """Stands where Isso hashes an author's address: the public hash says nothing about anyone."""

    def uhash(self, _value: str) -> str:
        """The same empty mark for all."""
        return ""


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

    def __init__(self, storage: Storage, reception: Reception, publisher: Publisher, key: str, facts: Facts) -> None:
        self.storage = storage
        self.site_url = facts.url
        self.conf = isso_config(facts.comments.edit_window_minutes * 60)
        Mixin.__init__(self, self.conf)
        self.db = IssoStorage(storage, reception, publisher)
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
            request.get_data()
            with self.storage.transaction():
                answer = self._answer(request)
                if answer.status_code >= 400:
                    raise _Undo(answer)
                return answer
        except HTTPException as error:
            return _in_json(error)
        except _Undo as undo:
            return undo.answer

    def _answer(self, request: JSONRequest) -> Any:
        local.request = request
        local.host = request.host_url.rstrip("/")
        local.origin = local.host
        if is_forged(request.environ, self.site_url):
            return _in_json(Forbidden("the request did not come from this site"))
        try:
            handler, values = self.urls.bind_to_environ(request.environ).match()
            answer = handler(request.environ, request, **values)
            return _in_json(answer) if isinstance(answer, HTTPException) else answer
        except Rejected as rejected:
            return JSONResponse({"message": rejected.message, "errors": rejected.errors}, rejected.status)
        except HTTPException as error:
            return _in_json(error)
        except RecursionError:
            return _in_json(BadRequest("the JSON is nested too deeply"))

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


def _in_json(error: HTTPException) -> Response:
    answer = error.get_response()
    if answer.status_code < 400:
        return answer
    kept = {name: value for name, value in answer.headers.items() if name == "Allow"}
    return JSONResponse({"message": error.description}, answer.status_code, headers=kept)


class SafeAPI(views.API):  # type: ignore[misc]
    """The part of Isso's API that can't harm: read, write a held comment, edit one's own in time, vote.

    Closed: author's delete (a public record is never removed), moderation by key (keys never expire
    and fit every action), unsubscribe by key, feed, latest, demo, login and admin pages, server info.
    """

    VIEWS = [
        (view, rule)
        for view, rule in views.API.VIEWS
        if view in {"fetch", "new", "counts", "view", "edit", "like", "dislike", "preview", "config"}
    ]

    def __init__(self, engine: Engine, reception: Reception) -> None:
        self.reception = reception
        super().__init__(engine, NoHash())

    @requires(str, "uri")
    def new(self, environ: Any, request: JSONRequest, uri: str) -> Response:
        """POST /new: as Isso's, for open letters alone; the letter's own title is used, not the sender's."""
        self.reception.open_letter(uri)
        data = self._fields(request)
        if data.get("parent") is not None:
            self.reception.parent(uri, data["parent"])
        return super().new(environ, request)

    def edit(self, environ: Any, request: JSONRequest, id: int) -> Response:
        """PUT /id/N: as Isso's, but a published comment goes back to pending."""
        row = self._own(request, id)
        self._fields(request, html.unescape(row["author"] or "-"))
        return super().edit(environ, request, id)

    def view(self, environ: Any, request: JSONRequest, id: int) -> Response:
        """GET /id/N: for the holder of this comment's own edit cookie only."""
        self._own(request, id)
        return super().view(environ, request, id)

    @requires(str, "uri")
    def fetch(self, environ: Any, request: JSONRequest, uri: str) -> Response:
        """GET /: the published comments of a letter."""
        for name in ("limit", "nested_limit", "offset", "parent", "after"):
            _check_number(request.args.get(name, "0"), name)
        return super().fetch(environ, request)

    def counts(self, environ: Any, request: JSONRequest) -> Response:
        """POST /count: numbers of published comments for a list of addresses."""
        addresses = _json(request)
        if not isinstance(addresses, list) or not all(isinstance(item, str) for item in addresses):
            raise BadRequest("the body must be a JSON list of addresses")
        if len(addresses) > MOST_ADDRESSES or not all(is_plain(address) for address in addresses):
            raise BadRequest(f"the list must hold at most {MOST_ADDRESSES} addresses of plain text")
        return super().counts(environ, request)

    def preview(self, environ: Any, request: JSONRequest) -> Response:
        """POST /preview: a text as it would look; held to the same limits as a comment."""
        data = _json(request)
        if not isinstance(data, dict) or not isinstance(data.get("text"), str):
            raise BadRequest('the body must be a JSON object with a "text"')
        flaw = self.reception.flaws("-", "", data["text"]).get("text")
        if flaw:
            raise BadRequest(flaw)
        return super().preview(environ, request)

    def like(self, environ: Any, request: JSONRequest, id: int) -> Response:
        """POST /id/N/like."""
        return self._vote(super().like, environ, request, id)

    def dislike(self, environ: Any, request: JSONRequest, id: int) -> Response:
        """POST /id/N/dislike."""
        return self._vote(super().dislike, environ, request, id)

    def _vote(self, vote: Any, environ: Any, request: JSONRequest, id: int) -> Response:
        row = self.comments.get(id)
        if row is None or row["mode"] != 1:
            raise NotFound("there is no such comment")
        return vote(environ, request, id)  # type: ignore[no-any-return]

    def _remote_addr(self, request: JSONRequest) -> str:
        # Whole, because it is hashed with our key before it is kept; Isso would cut it to a /24.
        return str(request.remote_addr)

    def _own(self, request: JSONRequest, id: int) -> dict[str, Any]:
        """The comment, if the request carries its very own edit cookie, still fresh; Forbidden otherwise."""
        row = self.comments.get(id)
        if row is None:
            raise NotFound("there is no such comment")
        try:
            holder, _mark = self.isso.unsign(request.cookies.get(str(id), ""))
        except Exception:
            raise Forbidden("this comment can be read and changed by its writer alone, for a while") from None
        # From when it was written: each edit gives a fresh cookie, which must not open a new window.
        if holder != id or time.time() > row["created"] + self.conf.getint("max-age"):
            raise Forbidden("this comment can be read and changed by its writer alone, for a while")
        return row  # type: ignore[no-any-return]

    def _fields(self, request: JSONRequest, author: str = "") -> dict[str, Any]:
        """The JSON object of a comment, each field of the right kind and shape; Rejected otherwise.

        `author` stands where the sender names none: an edit may change the text alone.
        """
        data = _json(request)
        if not isinstance(data, dict):
            raise BadRequest("the body must be a JSON object")
        for field in ("text", "author", "website", "email", "title"):
            if not isinstance(data.get(field), str | None):
                raise BadRequest(f"{field} must be a string or null")
        if not is_plain(data.get("website") or ""):
            raise BadRequest("website must be plain text")
        parent = data.get("parent")
        if parent is not None and (isinstance(parent, bool) or not isinstance(parent, int)):
            raise BadRequest("parent must be an integer or null")
        flaws = self.reception.flaws(data.get("author") or author, data.get("email") or "", data.get("text") or "")
        if flaws:
            raise Rejected(400, " ".join(flaws.values()), flaws)
        return data


def _json(request: JSONRequest) -> Any:
    """The body, sent as JSON: a form on another site can't send that (it has no such content type)."""
    if request.mimetype != "application/json":
        raise Forbidden("the Content-Type must be application/json")
    return request.get_json()


def _check_number(text: str, name: str) -> None:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= LARGEST_ID / 2:
        raise BadRequest(f"{name} must be a number from 0")


def isso_application(engine: Engine) -> Any:
    """The WSGI app under /isso/: Isso's API and its stock client, embed.min.js with its style."""
    client = {f"/{name}": str(files("isso").joinpath(name)) for name in ("js/embed.min.js", "css/isso.css")}
    return local_manager.make_middleware(SharedDataMiddleware(engine, client))
