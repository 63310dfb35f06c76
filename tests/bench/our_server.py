"""Our service on a free port, with eight threads. Usage: our_server.py (settings by environment)."""

import logging

from cheroot.wsgi import Server

logging.basicConfig(level=logging.ERROR)

from comments.app import create_app  # noqa: E402  (Isso sets up logging when it is imported)

if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), create_app(), numthreads=8)
    server.prepare()
    print(server.bind_addr[1], flush=True)
    server.serve()
