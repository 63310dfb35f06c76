"""What the preview adds to the site: pages that follow the builder, tell of faults, and have an editor's panel."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from builder.news import News
from builder.notices import notices
from builder.panel import Panel, of_text
from builder.places import Places
from builder.static import SAFE_HEADERS, Environ, StartResponse, StaticSite, content_type, path_parts
from common.fact_values import FactsError
from plugins.wording import Gettext

HEAD = (
    '<link rel="stylesheet" href="/_preview/page.css">'
    '<script type="module" blocking="render" src="/_preview/reload.js?build=%d&amp;mark=%s"></script>'
    '<script type="module" src="/_preview/panel.js"></script>'
)
BROWSER = Path(__file__).with_name("browser")
"""The scripts and style sheets of the preview alone."""
HOSTS = ("localhost", "127.0.0.1", "[::1]")
_SHOWN = re.compile(rb'\ssrc="/([^"?#]+)|\shref="/(theme/[^"?#]+)')
_MAIN = re.compile(rb"(<main\b[^>]*>).*(</main>)", re.DOTALL)


def with_head(page: bytes, build: int, mark: str) -> bytes:
    """The page with the preview's scripts in its head; they are told of which build it is, and its mark."""
    added = (HEAD % (build, mark)).encode()
    head, end, rest = page.partition(b"</head>")
    return head + added + end + rest if end else added + page


def mark_of(page: bytes, root: Path) -> str:
    """Another one whenever the page, or a picture, script or style sheet in it, is another than it was."""
    digest = hashlib.sha256(page)
    for found in _SHOWN.findall(page):
        digest.update(_version(root / (found[0] or found[1]).decode()))
    return digest.hexdigest()[:16]


def _version(file: Path) -> bytes:
    try:
        state = file.stat()
    except OSError:
        return b"-"
    return b"%d %d" % (state.st_mtime_ns, state.st_size)


def moved_to(path: str, state: Mapping[str, Any]) -> str | None:
    """Where the text is that had that address, "" where it is no more; None for the address of none that has moved."""
    now: str | None = state.get("moved", {}).get(of_text(path))
    return now


def waiting_page(words: str) -> bytes:
    """What is shown while nothing has been built yet."""
    head = f'<!doctype html><html><head><meta charset="utf-8"><title>{words}</title></head>'
    return f"{head}<body><main><p>{words}</p></main></body></html>".encode()


class Preview:
    """`site` is the site as the preview shows it. WSGI below /_preview/: `build` tells of the last build, or with
    ?known=N of the next one, and where the text at ?path= has `moved`; `panel.json` and `share.png` are about the page
    at ?path=; else a file of BROWSER.
    """

    def __init__(self, where: Places, words: Gettext) -> None:
        self.where = where
        self.words = words
        self.news = News(where.data)
        waiting = words("The site has not been built yet. This page loads itself when it is.")
        self.site = StaticSite(where.output, self.alter, waiting_page(waiting))
        self.panel = Panel(where, self.site)
        self.first_number = self.news.state()["build"]

    def alter(self, page: bytes, path: str) -> bytes:
        """The page at that path (WSGI's, from the root) with the preview's scripts."""
        page = self._or_stand_in(page, path)
        return with_head(page, self.news.state()["build"], mark_of(page, self.where.output))

    def mark(self, path: str) -> str:
        """The mark that the page at that path has now."""
        file = self.site.find(path_parts(path)) or self.where.output / "404.html"
        page = file.read_bytes() if file.is_file() else self.site.missing
        return mark_of(self._or_stand_in(page, path), self.where.output)

    def _or_stand_in(self, page: bytes, path: str) -> bytes:
        """Where no text has that address, and it is known why, a page that says so in place of 404.html."""
        why = self._why_missing(path)
        if why is None or self.site.find(path_parts(path)):
            return page
        heading, words = why
        told = f'\\1<header class="letter-head"><h1>{heading}</h1><p class="ingress">{words}</p></header>\\2'
        return _MAIN.sub(told.encode(), page)

    def _why_missing(self, path: str) -> tuple[str, str] | None:
        """A heading and what stands below it, for a text that is left out, has moved or is gone."""
        state, _ = self.news.state(), self.words
        if any(path in each["addresses"] for each in state.get("set_aside", [])):
            return _("This can't be shown yet"), _("It is shown as soon as what stands below is put right.")
        now = moved_to(path, state)
        if now is None:
            return None
        if not now:
            return _("The text is gone"), _("The file of the text that was here is removed, or says Status: skip.")
        return _("The text has a new address"), _("It is shown here now: %s") % f'<a href="{now}">{now}</a>'

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer; 404 for what there is not, 403 for another host's page that asks."""
        if _is_foreign(environ):
            return _empty("403 Forbidden", start_response)
        query = {key: values[-1] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        name = environ["PATH_INFO"].removeprefix("/_preview/")
        try:
            found = self._answer(name, query)
        except FactsError:  # which the builder tells, on every page
            found = None
        if found is None:
            return _empty("404 Not Found", start_response)
        body, kind = found
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = [("Content-Type", kind), ("ETag", mark), ("Cross-Origin-Resource-Policy", "same-origin")]
        if environ.get("HTTP_IF_NONE_MATCH") == mark:
            start_response("304 Not Modified", [*headers, *SAFE_HEADERS])
            return []
        start_response("200 OK", [("Content-Length", str(len(body))), *headers, *SAFE_HEADERS])
        return [body]

    def _answer(self, name: str, query: dict[str, str]) -> tuple[bytes, str] | None:
        path = unquote_to_bytes(query.get("path", "/")).decode("latin-1")  # as WSGI has it
        if name == "build":
            return _json(self._news(path, query.get("known", "")))
        if name == "panel.json":
            return _json(self.panel.about(path, self.news.state()))
        if name == "share.png":
            picture = self.panel.picture(path)
            return (picture, "image/png") if picture else None
        file = BROWSER / name
        if file.parent != BROWSER or not file.is_file():
            return None
        return file.read_bytes(), content_type(file)

    def _news(self, path: str, known: str) -> dict[str, Any]:
        state = self.news.after(int(known)) if known.isdecimal() else self.news.state()
        table = {key: state[key] for key in ("build", "ok", "errors")}
        moved = "" if self.site.find(path_parts(path)) else moved_to(path, state) or ""
        return {**table, "mark": self.mark(path), "moved": moved, "notices": list(notices(state, path, self.words))}


def _json(table: dict[str, Any]) -> tuple[bytes, str]:
    return json.dumps(table, ensure_ascii=False).encode(), "application/json"


def _is_foreign(environ: Environ) -> bool:
    """Whether a page of another origin asks, or one that has another host's name point at this machine."""
    host = environ.get("HTTP_HOST", "localhost").rpartition(":")[0] or environ.get("HTTP_HOST", "")
    return environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site") or host not in HOSTS


def _empty(status: str, start_response: StartResponse) -> Iterable[bytes]:
    start_response(status, [("Content-Length", "0"), *SAFE_HEADERS])
    return []
