"""What the preview adds to the site: pages that load themselves again, and tell why a build failed."""

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from builder.static import SAFE_HEADERS, Environ, StartResponse

SCRIPT = '<script type="module" src="/_preview/reload.js?build=%d"></script>'
RELOAD = Path(__file__).with_name("reload.js")


def with_script(page: bytes, build: int) -> bytes:
    """The page with the preview's script at its end; the script is told which build the page is of."""
    script = (SCRIPT % build).encode()
    head, end, rest = page.rpartition(b"</body>")
    return head + script + end + rest if end else page + script


def waiting_page(words: str) -> bytes:
    """What is shown while nothing has been built yet."""
    return f'<!doctype html><meta charset="utf-8"><title>{words}</title><body><p>{words}</p></body>'.encode()


class Preview:
    """WSGI: /_preview/build tells the last build's number and faults, /_preview/reload.js asks for it."""

    def __init__(self, data: Path, words: Callable[[str], str]) -> None:
        self.state_file = data / "build.json"
        self.heading = words("The site was not built again. Put this right:")
        self.first_number = self.state()["build"]

    def state(self) -> dict[str, Any]:
        """The last build as build.json has it; number 0 before the first."""
        try:
            table: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            return {"build": 0, "ok": True, "errors": []}
        return table

    def add_script(self, page: bytes) -> bytes:
        """The page with the script that loads it again when there is a newer build."""
        return with_script(page, self.state()["build"])

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer for the two addresses."""
        if environ["PATH_INFO"] == "/_preview/reload.js":
            body, kind = RELOAD.read_bytes(), "text/javascript; charset=utf-8"
        elif environ["PATH_INFO"] == "/_preview/build":
            table = {key: self.state()[key] for key in ("build", "ok", "errors")}
            body = json.dumps({**table, "heading": self.heading}).encode()
            kind = "application/json"
        else:
            start_response("404 Not Found", [("Content-Length", "0"), *SAFE_HEADERS])
            return []
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = [("Content-Type", kind), ("ETag", mark), *SAFE_HEADERS]
        if environ.get("HTTP_IF_NONE_MATCH") == mark:
            start_response("304 Not Modified", headers)
            return []
        start_response("200 OK", [("Content-Length", str(len(body))), *headers])
        return [body]
