"""Plain Isso as its documentation runs it safely: one process, four threads. Usage: isso_server.py FOLDER."""

import logging
import sys
from pathlib import Path

from cheroot.wsgi import Server

logging.basicConfig(level=logging.ERROR)

from isso import config, make_app  # noqa: E402  (Isso sets up logging when it is imported)


def main(folder: Path) -> None:
    """Serve on a free port and print it."""
    settings = config.load(config.default_file())
    settings.set("general", "dbpath", str(folder / "isso.db"))
    settings.set("general", "host", "http://localhost:9/")
    settings.set("general", "notify", "")
    settings.set("moderation", "enabled", "true")
    settings.set("guard", "ratelimit", "1000000")
    settings.set("guard", "direct-reply", "1000000")
    server = Server(("127.0.0.1", 0), make_app(settings), numthreads=4)
    server.prepare()
    print(server.bind_addr[1], flush=True)
    server.serve()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
