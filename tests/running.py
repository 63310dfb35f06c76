"""The whole product, running: `python -m builder serve` on a free port with data of its own."""

import contextlib
import io
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from comments.cli import main

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Running:
    """Where it answers, how to get into the desk, and the environment for `python -m comments`."""

    origin: str
    environment: dict[str, str]

    def comments(self, *arguments: str) -> str:
        """Run a terminal command of the service on the same data, in this process; gives what it printed."""
        printed, said = io.StringIO(), io.StringIO()
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(said):
                code = main(arguments)
        finally:
            os.environ.clear()
            os.environ.update(before)
        assert code == 0, said.getvalue()
        return printed.getvalue()

    def sign_in_link(self, email: str = "granskare@lindhamn.example", name: str = "Kommunikatören") -> str:
        """A fresh one-time link into the desk."""
        self.comments("moderator", "add", email, "--name", name, "--role", "admin", "--print")
        printed = self.comments("moderator", "link", email, "--origin", self.origin)
        return re.search(r"http\S+", printed)[0]  # type: ignore[index]


def until_built(site: Running, path: str, text: str) -> None:
    """Wait until the page at a path has been built with that text in it."""
    file = Path(site.environment["OUTPUT"], path.strip("/"), "index.html")
    wait_for(lambda: file.exists() and text in file.read_text(encoding="utf-8"), f"{text} must come to be on {path}")


def wait_for(true: Callable[[], object], must: str = "what is waited for must come true") -> None:
    """Ask until it is so, or patience ends."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < patience, must
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """Start it with OUTPUT and DATA below `folder`, wait until it answers, and end it as a service manager does."""
    port = free_port()
    places = {"OUTPUT": str(folder / "output"), "DATA": str(folder / "var"), "PORT": str(port)}
    environment = os.environ | {"CONTENT": str(ROOT / "content"), "RATE_LIMIT": "off"} | places | settings
    with (folder / "serve.log").open("w+", encoding="utf-8") as log:
        command = [sys.executable, "-u", "-m", "builder", "serve"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            _wait_for_sign_in_link(process, folder / "serve.log")
            yield Running(f"http://localhost:{port}", environment)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for_sign_in_link(process: subprocess.Popen[bytes], log: Path) -> None:
    patience = time.monotonic() + PATIENCE_SECONDS
    while "/moderering/logga-in/" not in (printed := log.read_text(encoding="utf-8")):
        if process.poll() is not None or time.monotonic() > patience:
            raise AssertionError(f"the site must start; it printed:\n{printed}")
        time.sleep(0.05)
