"""Who may ask the editor at /redigera/: it writes files, so it asks more of a request than the rest of the preview."""

import hmac
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from builder.editor_files import NotDone
from common.language import marked as _

ALONE = ("localhost", "127.0.0.1", "::1")


class Forbidden(NotDone):
    """The request does not come from the editor's own page."""

    status = 403


def kept_token(file: Path) -> str:
    """The secret that the editor's page brings; kept, so that a page left open can save after a new start."""
    if file.is_file() and (token := file.read_text(encoding="ascii").strip()):
        return token
    token = secrets.token_urlsafe(32)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(f"{token}\n", encoding="ascii")
    return token


def check_origin(request: Request) -> None:
    """Forbidden unless the request names this machine and comes from a page of this origin.

    By Host against DNS rebinding, by Origin and Sec-Fetch-Site (Fetch Metadata, W3C) against CSRF. A person who comes
    along a link from elsewhere is shown the page, which tells that other site nothing.
    """
    host = request.headers.get("Host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in ALONE:
        raise Forbidden(_("the form is opened at http://localhost only"))
    visit = request.method in ("GET", "HEAD") and request.headers.get("Sec-Fetch-Mode") == "navigate"
    strange = request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none") and not visit
    writes = request.method not in ("GET", "HEAD")
    if strange or (writes and request.headers.get("Origin") != f"{request.scheme}://{host}"):
        raise Forbidden(_("another website asked for this; the form answers its own page only"))
    if writes and request.mimetype != "application/json":
        raise Forbidden(_("what the editor sent can't be read"))


def check_token(request: Request, token: str) -> None:
    """Forbidden without the page's token."""
    sent = request.headers.get("Authorization", "").removeprefix("token ")
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise Forbidden(_("this page was opened for other data; copy your text, then load the page again"))
