"""A service that is told to stop, as an operator's tools do it, and senders that fall silent in the middle."""

import asyncio
import signal
import socket
import threading
from contextlib import closing

import pytest

from comments import accounts
from comments.storage import outbox
from tests.faults.serving import Visitor
from tests.running import free_port
from tests.service.mailbox import Mailbox, answering

HALF = "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: 100\r\n\r\nuri=%2F2026"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Slow(Mailbox):
    """A mail server that takes its time over its last word."""

    def __init__(self):
        super().__init__()
        self.asked = threading.Event()

    async def handle_DATA(self, server, session, envelope):
        """Take the mail, and say so a second later."""
        self.asked.set()
        await asyncio.sleep(1)
        return await super().handle_DATA(server, session, envelope)


def test_a_mail_on_its_way_is_noted_as_sent(start, storage):
    """SIGTERM while the mail server has the mail but has not said so yet: it goes out once."""
    accounts.add(storage, "granskare@lindhamn.example", "Granskaren", "Lindhamns stad")
    port = free_port()
    with answering(port, Slow()) as mailbox:
        service = start(SMTP=f"smtp://127.0.0.1:{port}")
        with closing(Visitor(service.port)) as resident:
            assert resident.post("Hej på er").status == 202
        assert mailbox.asked.wait(30)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        assert len(mailbox.taken) == 1
    assert [row["state"] for row in storage.rows(outbox.select())] == ["sent"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_sender_that_falls_silent_is_told(start, folder):
    """After the ten seconds that the server waits; and so is one who says too much. No trace of the code is logged."""
    service = start()
    addresses = [("/kommentarer/ny", FORM), ("/isso/new?uri=/2026/vi-provar/", JSON), ("/isso/count", JSON)]
    senders = [socket.create_connection(("127.0.0.1", service.port), timeout=60) for _ in addresses]
    for sender, given in zip(senders, addresses, strict=True):
        sender.sendall(HALF.format(*given).encode())
    for sender in senders:
        assert sender.recv(100).startswith(b"HTTP/1.1 400 ")
        sender.close()
    with socket.create_connection(("127.0.0.1", service.port), timeout=60) as sender:
        sender.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n")
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")
    with closing(Visitor(service.port)) as resident:
        assert resident.get("/healthz").status == 200
    assert "Traceback" not in (folder / "service.log").read_text(encoding="utf-8")
