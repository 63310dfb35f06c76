"""Conversations read over HTTP, as a build on another machine does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.site.conftest import Site, comment

PAGE = "2026/brev/index.html"


class Service(ThreadingHTTPServer):
    """Answers with `files` and their ETags, and remembers what it answered."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.answers: list[int] = []
        self.announced_more = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/published"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        data = self.server.files.get(self.path.removeprefix("/published/"))
        mark = f'"{hash(data)}"'
        known = self.headers.get("If-None-Match") == mark
        self.server.answers.append(404 if data is None else 304 if known else 200)
        self.send_response(self.server.answers[-1])
        self.send_header("ETag", mark)
        body = data if data is not None and not known else b""
        self.send_header("Content-Length", str(len(body) + self.server.announced_more))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """A real server on a free port."""
    with Service() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def remote(site: Site, service: Service, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site that reads its conversations from that server."""
    monkeypatch.setenv("CONVERSATIONS", service.address)
    site.letter("brev")
    site.letter("utan")
    table = {"format": 1, "uri": "/2026/brev/", "count": 1, "comments": [comment(1)]}
    service.files["2026_brev.json"] = json.dumps(table).encode()
    return site


def test_conversations_are_read_from_an_address(remote: Site, service: Service) -> None:
    """A letter without a conversation is no fault, nor are statistics and closures that are not there yet."""
    assert "Kommentar 1." in remote.built().read(PAGE)
    assert sorted(service.answers) == [200, 404, 404, 404]


def test_an_unchanged_conversation_is_not_sent_again(remote: Site, service: Service) -> None:
    """If-None-Match saves the transfer (RFC 9110, 13.1.2)."""
    remote.built()
    service.answers.clear()
    assert "Kommentar 1." in remote.built().read(PAGE)
    assert sorted(service.answers) == [304, 404, 404, 404]


def test_a_broken_answer_is_asked_for_again(remote: Site, service: Service) -> None:
    """Its ETag is not kept, which would freeze the last good version."""
    remote.built()
    service.files["2026_brev.json"] = b"{"
    service.answers.clear()
    assert len(remote.build().warnings) == 1
    remote.build()
    assert sorted(service.answers) == [200, 200, 404, 404, 404, 404, 404, 404]


def test_a_conversation_that_could_not_be_kept_is_asked_for_again(remote: Site, service: Service) -> None:
    """By a full disk or a build that was killed: the ETag is kept last."""
    remote.built()
    in_the_way = remote.where.data / "conversations/2026_brev.json.new"
    in_the_way.mkdir()
    service.files["2026_brev.json"] = service.files["2026_brev.json"].replace(b"Kommentar 1", b"Kommentar 7")
    assert len(remote.build().warnings) == 1
    in_the_way.rmdir()
    assert "Kommentar 7." in remote.built().read(PAGE)


def test_an_answer_cut_short_is_no_answer(remote: Site, service: Service) -> None:
    """A connection that breaks half-way is as good as none: one warning, and the last good version."""
    remote.built()
    service.announced_more = 10
    service.files["2026_brev.json"] += b" "
    (warning,) = remote.build().warnings
    assert warning.startswith(f"{service.address}: måste gå att nå")
    assert "Kommentar 1." in remote.read(PAGE)


def test_an_absent_service_is_one_warning(remote: Site, service: Service) -> None:
    """The last good conversations are used, however many letters there are."""
    remote.built()
    service.shutdown()
    service.server_close()
    (warning,) = remote.build().warnings
    assert warning.startswith(f"{service.address}: måste gå att nå")
    assert "Kommentar 1." in remote.read(PAGE)


def test_a_conversation_that_is_gone_is_kept_and_named(remote: Site, service: Service) -> None:
    """A 404 where there was a conversation is a mistake until the service says otherwise."""
    remote.built()
    service.files.clear()
    (warning,) = remote.build().warnings
    assert warning.startswith(f"{service.address}/2026_brev.json: måste finnas kvar")
    assert "Kommentar 1." in remote.read(PAGE)


def test_what_is_closed_is_read_from_the_address_too(remote: Site, service: Service) -> None:
    """And holds while the service is away."""
    period = {"starts": "2026-01-01T00:00:00+00:00", "ends": None, "notice": "Stängt under valet."}
    service.files["closures.json"] = json.dumps({"format": 1, "periods": [period], "letters": []}).encode()
    assert "Stängt under valet." in remote.built().read(PAGE)
    service.shutdown()
    service.server_close()
    assert len(remote.build().warnings) == 1
    assert "Stängt under valet." in remote.read(PAGE)
