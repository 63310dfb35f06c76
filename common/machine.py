"""What the builder and the service ask of the machine, and what both say to browsers, in one place."""

import os
from pathlib import Path

CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of every page: nothing from another host, nothing written into the page."""

SEARCH_SECURITY = f"{CONTENT_SECURITY}; script-src 'self' 'wasm-unsafe-eval'"
"""That of /sok/ and /pagefind/, as Pagefind's search is WebAssembly: in the page, and in its worker, which has the
policy that its own file was sent with."""


def content_security(path: str) -> str:
    """The Content-Security-Policy of the page or file at a path from the root."""
    return SEARCH_SECURITY if path.startswith(("/sok/", "/pagefind/")) else CONTENT_SECURITY


def obstacle(folder: Path) -> str | None:
    """Why no file can be made in that folder, in the system's words; None where one can. Makes the folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return None
