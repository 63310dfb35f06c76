"""The service as processes of their own, and people who use it over HTTP."""

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from comments import accounts, links
from comments.storage import Storage
from tests.running import ROOT
from tests.service.conftest import LETTER

PATIENCE_SECONDS = 120
FORM = "application/x-www-form-urlencoded"


class Answer(NamedTuple):
    """What came back: HTTP's status, the headers and the body's text."""

    status: int
    headers: HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)


class Serving:
    """`python -m comments serve` with an environment; started at once, its port is known when it answers."""

    def __init__(self, environment: dict[str, str], log: IO[str]) -> None:
        command = [sys.executable, "-m", "comments", "serve", "--port", "0"]
        self.log = log
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True
        )

    @cached_property
    def port(self) -> int:
        """Where it listens; waits until it does."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the service must start; it printed:\n{Path(self.log.name).read_text(encoding='utf-8')}"
        return urlsplit(line.strip()).port or 0

    def limit_files(self, most_bytes: int = resource.RLIM_INFINITY) -> None:
        """Let it write files up to that size alone: with 0 every write fails, as on a disk that is full."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


class Visitor:
    """Somebody with a connection that is kept open, as a browser does."""

    def __init__(self, port: int) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """One request; OSError or HTTPException where no whole answer comes."""
        try:
            self.connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = self.connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())
        except BaseException:
            self.connection.close()
            raise

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self.ask("GET", path)

    def post(self, text: str, accept: str = "application/json", uri: str = LETTER) -> Answer:
        """Send the comment form, the writer's name being the text's beginning."""
        fields = {"uri": uri, "parent": "", "author": text[:40], "email": "", "text": text}
        return self.ask("POST", "/kommentarer/ny", urlencode(fields), Content_Type=FORM, Accept=accept)

    def post_to_isso(self, text: str, uri: str = LETTER) -> Answer:
        """Send a comment as Isso's stock client does."""
        body = json.dumps({"author": text[:40], "text": text, "title": "Brev"})
        return self.ask("POST", f"/isso/new?{urlencode({'uri': uri})}", body, Content_Type="application/json")

    def close(self) -> None:
        """Go away."""
        self.connection.close()


def way_in(storage: Storage) -> str:
    """The path of a sign-in link of a new moderator's."""
    account = accounts.add(storage, "moderator@lindhamn.example", "Kommunikatören", "Lindhamns stad")
    return f"/moderering/logga-in/{links.new(storage, account['id'], 'terminal')}"


class Browser(Visitor):
    """Somebody at the desk's pages; the cookies are good at every process and after a restart."""

    def __init__(self, port: int, page: str) -> None:
        super().__init__(port)
        self.cookies: dict[str, str] = {}
        self.token = self._token(page)

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """One request, with the cookies."""
        known = "; ".join("=".join(pair) for pair in self.cookies.items())
        answer = super().ask(method, path, body, Cookie=known, **headers)
        for given in answer.headers.get_all("Set-Cookie", []):
            name, _, value = given.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def _token(self, page: str) -> str:
        found = re.search(r'csrf_token" value="([^"]+)', self.get(page).text)
        assert found, "the page must carry a token"
        return found[1]

    def submit(self, path: str, page: str = "") -> Answer:
        """Press a button, with the token that stands on `page` or the one that is known."""
        token = self._token(page) if page else self.token
        return self.ask("POST", path, urlencode({"csrf_token": token}), Content_Type=FORM)

    def move(self, port: int) -> None:
        """Go on at another process."""
        self.close()
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)


class Moderator(Browser):
    """A signed-in moderator."""

    def __init__(self, port: int, storage: Storage) -> None:
        link = way_in(storage)
        super().__init__(port, link)
        assert self.submit(link).status == 302
        self.token = self._token("/moderering/logga-in/x")

    def approve(self, id: int) -> int:
        """Approve a comment; gives HTTP's status, 302 when it is done."""
        return self.submit(f"/moderering/{id}/godkann").status


def wait_until(holds: Callable[[], Any], what: str) -> None:
    """Wait for a condition; an error that says what it was where it does not come about."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < until, f"{what} must come about"
        time.sleep(0.02)


@contextmanager
def another_program(code: str, *arguments: str) -> Iterator[Callable[[], None]]:
    """Run Python code in a process of its own until it has printed a line; gives what lets it go on to its end."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline(), "the program must get as far as its first line"
        yield process.stdin.close
    finally:
        process.stdin.close()
        process.wait(PATIENCE_SECONDS)
        process.stdout.close()
