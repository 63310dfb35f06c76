"""make serve: site, comment service and desk on one origin, built again and reloaded at every change."""

import logging
import os
import signal
import sys
import time
from types import FrameType
from typing import Any

from cheroot.wsgi import Server

from builder.editor import MOST_BYTES, Editor
from builder.news import WAITERS
from builder.places import Places
from builder.preflight import CannotServe, check_places, check_port, chosen_port
from builder.preview import Preview
from builder.static import Application, Environ, StartResponse
from builder.watcher import Watcher
from builder.words import site_gettext
from plugins.wording import ENDED, WordedError

SERVICE = ("/kommentarer/", "/isso/", "/moderering/")
SERVICE_FILES = ("/moderering", "/healthz", "/metrics")
THREADS = 16 + WAITERS
"""However many pages wait for the next build, the site and its service have sixteen."""
FIRST_BUILD_SECONDS = 300


def serve(where: Places) -> int:
    """Run the preview until Ctrl-C or SIGTERM; 1 with one line on what to put right if it can't start."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _serve(where)
    except KeyboardInterrupt:
        return 0
    except WordedError as error:
        print(error.told(site_gettext(where)), file=sys.stderr)
    return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _serve(where: Places) -> None:
    port = chosen_port(os.environ.get("PORT") or "8000")
    check_places(where)
    check_port(port)
    server = _listening(port)
    watcher = Watcher(where)
    try:
        _run(server, watcher, where, f"http://localhost:{port}")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not break off the tidying
        watcher.end()
        server.stop()
        watcher.wait()


def _listening(port: int) -> Server:
    """The server with its socket bound, so that nobody can take the port while the site is being built."""
    address = ("127.0.0.1", port)
    server = Server(address, _not_ready, THREADS, "localhost", request_queue_size=128, shutdown_timeout=1)
    server.max_request_body_size = 2 * MOST_BYTES  # cheroot reads, at once, what nobody else does
    server.prepare()
    return server


def _not_ready(_environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response("503 Service Unavailable", [("Content-Length", "0"), ("Retry-After", "1")])
    return []


def _run(server: Server, watcher: Watcher, where: Places, origin: str) -> None:
    """Wait for the first build, start the service, and answer until interrupted."""
    _ = site_gettext(where)
    print(_("Building the site …"), flush=True)
    preview = Preview(where, _)
    _wait_for_first_build(preview, watcher)
    service, notes = _service(where, origin)
    server.wsgi_app = one_origin(preview.site, preview, service, Editor(where, _))
    print(_("Site: %s") % f"{origin}/")
    print(_("Write: %s") % f"{origin}/redigera/")
    print(_("Desk: %s") % f"{origin}/moderering/")
    print("\n".join([*notes, _("Ctrl-C ends everything.")]), flush=True)
    watcher.keep()
    try:
        server.serve()
    finally:
        preview.news.end()


def _wait_for_first_build(preview: Preview, watcher: Watcher) -> None:
    before, patience = preview.first_number, time.monotonic() + FIRST_BUILD_SECONDS
    while preview.news.state()["build"] == before:
        if (code := watcher.ended()) is not None:
            raise CannotServe(ENDED, code=code)
        if time.monotonic() > patience:
            raise CannotServe("the first build must be done in %(most)d s", most=FIRST_BUILD_SECONDS)
        time.sleep(0.05)


def _service(where: Places, origin: str) -> tuple[Application, list[str]]:
    """The comment service, and what it has to say to the one who starts it."""
    # Isso sets up logging for the whole process when it is imported, unless somebody has.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    from comments.app import create_app, start_notes
    from comments.sample import plant
    from comments.settings import SettingsError
    from comments.storage import StorageBusy

    try:
        app = create_app(where.environment())
        plant(app)
    except (SettingsError, StorageBusy, OSError) as error:
        raise CannotServe("%(why)s", why=error) from None
    app.extensions["ordetfritt"].start()
    return app, start_notes(app, origin)


def one_origin(
    site: Application, preview: Application, service: Application, editor: Application | None = None
) -> Application:
    """One WSGI application out of several, by the path."""

    def application(environ: Environ, start_response: StartResponse) -> Any:
        path = environ.get("PATH_INFO", "")
        if path.startswith(SERVICE) or path in SERVICE_FILES:
            return service(environ, start_response)
        if path.startswith("/_preview/"):
            return preview(environ, start_response)
        if editor and (path == "/redigera" or path.startswith("/redigera/")):
            return editor(environ, start_response)
        return site(environ, start_response)

    return application
