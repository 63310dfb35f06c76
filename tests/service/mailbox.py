"""A real mail server on this machine, and the time that a mail waits for."""

import time
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from comments.storage import outbox


class Mailbox:
    """What a mail server does with what it is given: takes it, or answers `refusals[recipient]`."""

    def __init__(self):
        self.taken, self.refusals = [], {}
        self.port = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.taken.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=policy.SMTPUTF8)))
        return "250 taken"


@contextmanager
def answering(port, mailbox=None, **options):
    """A mail server on this port, with a mailbox."""
    mailbox = mailbox or Mailbox()
    mailbox.port = port
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def let_time_pass(storage):
    """Every mail that waits becomes due."""
    storage.execute(outbox.update().where(outbox.c.state == "waiting").values(due=time.time() - 1))
