"""A WSGI application that serves the built site from its folder, for the preview on one's own machine."""

from collections.abc import Callable, Iterable
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

from common.machine import CONTENT_SECURITY, content_security

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Any]
Alter = Callable[[bytes, str], bytes]
Headers = list[tuple[str, str]]

SAFE_HEADERS: Headers = [
    ("Content-Security-Policy", CONTENT_SECURITY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cache-Control", "no-cache"),
]
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/x-icon",
    ".webmanifest": "application/manifest+json",
    ".pdf": "application/pdf",
    ".woff2": "font/woff2",
}
NAMED = {
    "atom.xml": "application/atom+xml; charset=utf-8",
    "kommentarer.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json",
}


class StaticSite:
    """Files of `root`: a folder's index.html, a redirect to its slash, ETag and 304, its 404.html.

    `alter(page, path) -> page` may change each HTML page, which then has no ETag of its own; `missing` is the
    page shown while there is no 404.html.
    """

    def __init__(self, root: Path, alter: Alter | None = None, missing: bytes = b"") -> None:
        self.root = root.resolve()
        self.alter = alter
        self.missing = missing

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer GET and HEAD; anything else is 405."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD"), ("Content-Length", "0"), *SAFE_HEADERS])
            return []
        try:
            return self._answer(path_parts(environ.get("PATH_INFO", "/")), environ, start_response)
        except OSError:  # a name too long for any disk, or a file that a build has just taken away
            return self._missing(environ, start_response)

    def _answer(self, parts: list[str] | None, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        file = self.find(parts)
        if file is None:
            return self._missing(environ, start_response)
        if file.name == "index.html" and parts and not environ["PATH_INFO"].endswith(("/", "/index.html")):
            return _redirect(environ, start_response, parts)
        return self._file(file, environ, start_response)

    def find(self, parts: list[str] | None) -> Path | None:
        """The file at a path given as its parts; None where there is none, or none to be shown."""
        if parts is None or any("\0" in part or (part.startswith(".") and part != ".well-known") for part in parts):
            return None
        file = self.root.joinpath(*parts).resolve()
        if file.is_dir():
            file = file / "index.html"
        return file if file.is_file() and file.resolve().is_relative_to(self.root) else None

    def _file(self, file: Path, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        state = file.stat()
        mark = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        safe = safe_headers(environ.get("PATH_INFO", "/"))
        if self.alter and file.suffix == ".html":
            return self._send(file, "200 OK", safe, environ, start_response)
        headers = [("ETag", mark), ("Last-Modified", formatdate(state.st_mtime, usegmt=True)), *safe]
        if is_fresh(environ, mark, state.st_mtime):
            start_response("304 Not Modified", headers)
            return []
        return self._send(file, "200 OK", headers, environ, start_response)

    def _missing(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._send(self.root / "404.html", "404 Not Found", SAFE_HEADERS, environ, start_response)

    def _send(
        self, file: Path, status: str, headers: Headers, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        body = file.read_bytes() if file.is_file() else self.missing
        if self.alter and file.suffix == ".html":
            body = self.alter(body, environ.get("PATH_INFO", "/"))
        length = ("Content-Length", str(len(body)))
        start_response(status, [("Content-Type", content_type(file)), length, *headers])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def safe_headers(path: str) -> Headers:
    """What is said of the page or file at a path from the root: SAFE_HEADERS, with the policy of that path."""
    return [("Content-Security-Policy", content_security(path)), *SAFE_HEADERS[1:]]


def path_parts(path: str) -> list[str] | None:
    """The parts of a WSGI path (bytes as Latin-1, PEP 3333); None where it is no UTF-8."""
    try:
        text = path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None
    return [part for part in text.split("/") if part]


def _redirect(environ: Environ, start_response: StartResponse, parts: list[str]) -> Iterable[bytes]:
    """To the same path with a slash, built from its parts so that //other.example can't lead away."""
    path = "/" + "/".join(parts) + "/"
    query = environ.get("QUERY_STRING", "")
    target = path.encode("utf-8").decode("latin-1") + (f"?{query}" if query else "")
    start_response("301 Moved Permanently", [("Location", target), ("Content-Length", "0"), *SAFE_HEADERS])
    return []


def is_fresh(environ: Environ, mark: str, changed_seconds: float) -> bool:
    """Whether what the reader has is still right (RFC 9110, 13.1): the ETag decides where one was sent."""
    if known := environ.get("HTTP_IF_NONE_MATCH"):
        return known.strip() == "*" or mark in [one.strip().removeprefix("W/") for one in known.split(",")]
    try:
        return int(changed_seconds) <= parsedate_to_datetime(environ["HTTP_IF_MODIFIED_SINCE"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return False


def content_type(file: Path) -> str:
    """The media type by the file's name, the same on every machine."""
    return NAMED.get(file.name) or TYPES.get(file.suffix.lower(), "application/octet-stream")
