"""The part of Isso's API that stays open, each route checked before Isso sees it."""

import html
import threading
import time
from collections.abc import Mapping
from typing import Any

from isso import Isso
from isso.utils import JSONRequest
from isso.utils.hash import sha1
from isso.views import comments as views
from isso.views import requires
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, TooManyRequests
from werkzeug.wrappers import Response

from comments.reception import Reception, Rejected, is_plain

LARGEST_ID = 2**63 - 1
MOST_ADDRESSES = 1000


class NoHash:
    """Stands where Isso hashes an author's address: the public hash says nothing about anyone."""

    def uhash(self, _value: str) -> str:
        """The same empty mark for all."""
        return ""


class Unfit(Rejected):
    """A comment with flaws, told in our words to its writer; `reason` is what Isso itself says, for a program."""

    def __init__(self, flaws: Mapping[str, str], reason: str) -> None:
        super().__init__(400, " ".join(flaws.values()), flaws)
        self.reason = reason


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

    def __init__(self, engine: Isso, reception: Reception) -> None:
        self.reception = reception
        self.previewing = threading.Lock()
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
        if not is_plain(uri):
            raise BadRequest("uri must be plain text")
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
        # Markdown made for it takes long to render: one preview at a time leaves the other threads to people.
        if not self.previewing.acquire(blocking=False):
            raise TooManyRequests("somebody else's text is being previewed; try again")
        try:
            return super().preview(environ, request)
        finally:
            self.previewing.release()

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
            holder, mark = self.isso.unsign(request.cookies.get(str(id), ""))
        except Exception:
            raise Forbidden("this comment can be read and changed by its writer alone, for a while") from None
        # From when it was written: each edit gives a fresh cookie, which must not open a new window.
        # The text, too: after a restore from a backup the number may be another writer's.
        if (holder, mark) != (id, sha1(row["text"])) or time.time() > row["created"] + self.conf.getint("max-age"):
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
        if not self.public_conf["require-author"]:
            author = author or "-"
        flaws = self.reception.flaws(data.get("author") or author, data.get("email") or "", data.get("text") or "")
        if flaws:
            _fits, reason = self.verify(data)
            raise Unfit(flaws, reason)
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
