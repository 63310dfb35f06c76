"""Which requests are not what they seem: sent by another site's page, or broken off on the way."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from werkzeug import Request
from werkzeug.exceptions import ClientDisconnected

SAFE = ("GET", "HEAD", "OPTIONS")


def is_forged(environ: Mapping[str, Any], site_url: str) -> bool:
    """Whether a request changes something and a browser says that another site's page sent it.

    Sec-Fetch-Site decides where it is sent (Fetch Metadata); else Origin, else Referer. A request with
    none of them does not come from a page in a browser that could carry someone's cookies.
    """
    if environ["REQUEST_METHOD"] in SAFE:
        return False
    if environ.get("HTTP_SEC_FETCH_SITE"):
        return environ["HTTP_SEC_FETCH_SITE"] not in ("same-origin", "none")
    sender = environ.get("HTTP_ORIGIN") or environ.get("HTTP_REFERER")
    if not sender:
        return False
    try:
        netloc = urlsplit(sender).netloc
    except ValueError:
        return True
    return netloc not in (environ.get("HTTP_HOST"), urlsplit(site_url).netloc)


def garbled(request: Request) -> dict[str, str] | None:
    """The fields of a form whose bytes are not UTF-8, as well as they can be read; None for any other request."""
    if request.mimetype != "application/x-www-form-urlencoded":
        return None
    body = request.get_data()
    try:
        unquote_to_bytes(body).decode()
    except UnicodeDecodeError:
        # An old browser's own encoding, most likely.
        return dict(parse_qsl(body.decode("latin-1"), encoding="cp1252", errors="replace"))
    return None


def is_cut_short(request: Request) -> bool:
    """Whether the sender went away before the whole body was here: half a comment is none."""
    try:
        return request.content_length is not None and len(request.get_data()) < request.content_length
    except (OSError, ClientDisconnected):  # nothing came for as long as the server waits
        with suppress(AttributeError):
            request.environ["wsgi.input"].remaining = 0  # or cheroot would wait for it again, and answer nothing
        return True
