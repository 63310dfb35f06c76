"""The outbox: mails written in the transaction that causes them, and sent afterwards, each once.

Between the mail server's "250" and our commit lies the only moment in which a crash makes a mail go out twice.
Both then carry the same Message-ID, by which mailboxes know them for one.
"""

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from comments.settings import SettingsError
from comments.storage import Storage, StorageBusy, outbox
from comments.transports import RecipientRefused, Transport
from common.facts import Facts

logger = logging.getLogger(__name__)

MINUTE, HOUR = 60, 3600
PAUSES = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, *[4 * HOUR] * 30)
"""Seconds from one attempt to the next; after five days a mail is given up (RFC 5321, 4.5.4.1)."""

LEASE_SECONDS = 15 * MINUTE
"""For so long a mail belongs to the one who sends it; a process that dies meanwhile leaves it to the others."""

POLL_SECONDS = 3.0
"""How often the outbox is looked into for what other processes wrote and what has become due."""

ERROR_CHARACTERS, SUBJECT_CHARACTERS, RECIPIENT_CHARACTERS = 500, 300, 254
TO_WRITERS = {"comment-published", "comment-declined", "comment-hidden", "comment-answered"}
"""What the writer of a comment is told."""
SECRET_KINDS = {"invitation", "password", "report-settled", *TO_WRITERS}
"""Mails that open something: what they say is not kept once they are sent or given up."""

PAGE_SIZE = 50
UNSAID: dict[str, Any] = {"body": "", "html": None, "unsubscribe": None}
WIPED = {"recipient": "", "subject": "", **UNSAID}
Row = dict[str, Any]


class Unfolded(UnstructuredHeader):
    """A header whose value is one long address: folded, it would be encoded, and no address any more."""

    def fold(self, *, policy: Any) -> str:
        """The header on one line, which may have 998 characters (RFC 5322, 2.1.1)."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", Unfolded)  # type: ignore[arg-type]  # it wants the mixins of its own


class Outbox:
    """Mails that wait, were sent or could not be delivered; a sender for each process, sharing the database.

    `at_last` gives, by a mail's kind, what its subject, body and html say at the moment when it is first sent, or
    None where there is nothing left to tell.
    """

    def __init__(self, storage: Storage, transport: Transport, facts: Facts) -> None:
        self.storage = storage
        self.transport = transport
        self.domain = _domain(facts.url)
        try:
            self.sender = address(facts.contact.email or f"no-reply@{self.domain}")
        except ValueError as error:
            raise SettingsError(f'site.toml: "contact.email" must be an e-mail address ({error})') from None
        self.name = _line(facts.organisation)
        self.woken = threading.Event()
        self.at_last: dict[str, Callable[[Row], Mapping[str, Any] | None]] = {}

    def write(
        self,
        kind: str,
        recipient: str,
        subject: str,
        body: str,
        comment: int | None = None,
        due: float | None = None,
        html: str | None = None,
        unsubscribe: str | None = None,
    ) -> int:
        """Put a mail into the outbox, in the running transaction; gives its number.

        It is sent once that is committed, or at `due` (seconds since 1970); `comment` is what it is about.
        `html` says the same as `body`; `unsubscribe` is the address that ends such mails by one POST.
        """
        now = time.time()
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
        row = {
            "kind": kind,
            "recipient": _line(recipient)[:RECIPIENT_CHARACTERS],
            "subject": _line(subject)[:SUBJECT_CHARACTERS],
            "body": body,
            "html": html,
            "unsubscribe": unsubscribe,
            "comment": comment,
            "message_id": f"<{stamp}.{secrets.token_hex(8)}@{self.domain}>",
            "state": "waiting",
            "created": now,
            "due": due or now,
        }
        with self.storage.transaction():
            self.storage.afterwards(self.woken.set)
            return self.storage.execute(outbox.insert().values(row).returning(outbox.c.id)).scalar_one()

    def keep_sending(self, ended: threading.Event) -> None:
        """Send what is due, again and again until `ended` is set; `woken` makes it look at once."""
        while not ended.is_set():
            self.woken.clear()
            try:
                while not ended.is_set() and self.send_next():
                    pass
            except StorageBusy as error:
                logger.error("the outbox can't be read or written (%s); it is tried again", error)
            except Exception:
                logger.exception("the outbox stopped at a mail; it is tried again")
            self.woken.wait(POLL_SECONDS)

    def send_due(self) -> int:
        """Try every mail that is due; gives how many were tried."""
        tried = 0
        while self.send_next():
            tried += 1
        return tried

    def send_next(self) -> bool:
        """Try the mail that has been due for longest, outside any transaction; False when none is due."""
        row = self._claim()
        if row is None:
            return False
        if row["state"] == "closed":  # there was nothing left to tell
            return True
        now = time.time
        try:
            self._hand_over(row)
        except RecipientRefused as error:
            self._settle(row, state="failed", done=now(), due=now(), error=self._told(error))
        except Exception as error:  # whatever it is: a mail is never lost by it
            pause = _pause(row["attempts"])
            if pause is None:
                self._settle(row, state="failed", done=now(), due=now(), error=self._told(error))
            else:
                self._settle(row, due=now() + pause, error=self._told(error))
            logger.warning("mail %d was not taken: %s", row["id"], self._told(error))
        else:
            kept = UNSAID if row["kind"] in SECRET_KINDS else {}
            self._settle(row, state="sent", done=now(), due=now(), error=None, **kept)
        return True

    def _claim(self) -> Row | None:
        """One due mail, kept from all other senders for the time of the lease."""
        now = time.time()
        # One that is due later than any pause was written before the clock was set back.
        is_due = (outbox.c.due <= now) | (outbox.c.due > now + 2 * max(PAUSES))
        query = sa.select(outbox.c.id).where(outbox.c.state == "waiting", is_due).order_by(outbox.c.due).limit(1)
        if self.storage.row(query) is None:  # looked up without holding up those who write
            return None
        with self.storage.transaction():
            claimed = outbox.update().where(outbox.c.id == query.scalar_subquery())
            values = {"due": now + LEASE_SECONDS, "attempts": outbox.c.attempts + 1}
            row = self.storage.row(claimed.values(values).returning(outbox))
            return self._worded(row) if row and row["kind"] in self.at_last and row["attempts"] == 1 else row

    def _worded(self, row: Row) -> Row:
        """A mail whose words are of the moment when it is first sent, and stay the same at each attempt."""
        words = self.at_last[row["kind"]](row)
        values = {"state": "closed", "done": time.time()} if words is None else dict(words)
        self.storage.execute(outbox.update().where(outbox.c.id == row["id"]).values(values))
        return row | values

    def _hand_over(self, row: Row) -> None:
        try:
            recipient = address(row["recipient"])
            message = self.message(row, recipient)
        except ValueError as error:
            raise RecipientRefused(str(error)) from error
        self.transport.send(self.sender, recipient, message)

    def message(self, row: Row, recipient: str) -> EmailMessage:
        """The mail as it is sent: the same bytes at every attempt."""
        policy = SMTP if (self.sender + recipient).isascii() else SMTPUTF8
        message = EmailMessage(policy=policy.clone(header_factory=HEADERS))
        message["From"] = _mailbox(self.sender, self.name)
        message["To"] = _mailbox(recipient)
        message["Subject"] = row["subject"]
        message["Date"] = datetime.fromtimestamp(int(row["created"]), UTC)
        message["Message-ID"] = row["message_id"]
        message["Auto-Submitted"] = "auto-generated"  # so that no holiday answer comes back (RFC 3834)
        if row["unsubscribe"]:
            message["List-Unsubscribe"] = f"<{row['unsubscribe']}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        message.set_content(row["body"], cte="quoted-printable")
        if row["html"]:
            message.add_alternative(row["html"], subtype="html", cte="quoted-printable")
            mark = hashlib.sha256(row["message_id"].encode()).hexdigest()[:24]
            message.set_boundary(f"=_{mark}")  # a random one would make another mail of each attempt
        return message

    def _settle(self, row: Row, **values: Any) -> None:
        """Keep what became of a claimed mail, as long as the claim holds."""
        same = (outbox.c.id == row["id"]) & (outbox.c.state == "waiting")
        if values.get("state") != "sent":  # a mail that was sent is sent, whoever has taken it again since
            same &= outbox.c.due == row["due"]
        while True:
            try:
                self.storage.execute(outbox.update().where(same).values(values))
                return
            except StorageBusy:
                if time.time() > row["due"]:
                    raise
                time.sleep(1)

    def _told(self, error: Exception) -> str:
        """What an error says, as one line that fits its column and holds no password."""
        words = _line(str(error)) or type(error).__name__
        password = getattr(self.transport, "password", "")
        return (words.replace(password, "…") if password else words)[:ERROR_CHARACTERS]

    def failed(self) -> int:
        """How many mails could not be delivered."""
        query = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state == "failed")
        return int(self.storage.execute(query).scalar_one())

    def undelivered(self) -> list[Row]:
        """Those that could not be, the latest first: at most a page of them."""
        return self._some("failed", outbox.c.due.desc())

    def waiting(self) -> list[Row]:
        """Those that are still to be sent, the next one first: at most a page of them."""
        return self._some("waiting", outbox.c.due)

    def _some(self, state: str, order: Any) -> list[Row]:
        return self.storage.rows(sa.select(outbox).where(outbox.c.state == state).order_by(order).limit(PAGE_SIZE))

    def retry(self, id: int) -> bool:
        """Let an undelivered mail wait again, from the first pause on; whether there was one."""
        with self.storage.transaction():
            self.storage.afterwards(self.woken.set)
            return self._change(id, state="waiting", due=time.time(), attempts=0, done=None)

    def close(self, id: int) -> bool:
        """Put an undelivered mail away: somebody has seen to it; whether there was one."""
        with self.storage.transaction():
            closed = self._change(id, state="closed")
            opens = (outbox.c.id == id) & outbox.c.kind.in_(SECRET_KINDS)
            if closed:
                self.storage.execute(outbox.update().where(opens).values(UNSAID))
            return closed

    def _change(self, id: int, **values: Any) -> bool:
        known = (outbox.c.id == id) & (outbox.c.state == "failed")
        return 0 < id < 2**63 and self.storage.execute(outbox.update().where(known).values(values)).rowcount > 0


def forget(storage: Storage, comment: int) -> None:
    """When a comment is disposed of: wipe the mails about it, and send none that still waits."""
    storage.execute(outbox.update().where(outbox.c.comment == comment).values(WIPED))
    waits = (outbox.c.comment == comment) & outbox.c.state.in_(("waiting", "failed"))
    storage.execute(outbox.update().where(waits).values(state="closed", done=time.time(), error=None))


def withdraw(storage: Storage, kind: str, recipient: str | None = None) -> None:
    """Send no mail of this kind (to anybody, or to one) that still waits: what it told of is settled."""
    waits = (outbox.c.state == "waiting") & (outbox.c.kind == kind)
    waits &= sa.true() if recipient is None else outbox.c.recipient == recipient
    storage.execute(outbox.update().where(waits).values(state="closed", done=time.time()))


def take_back(storage: Storage, which: sa.ColumnElement[bool]) -> None:
    """Send none of these mails that still waits, and keep nothing of what it said."""
    waits = (outbox.c.state == "waiting") & which
    storage.execute(outbox.update().where(waits).values(state="closed", done=time.time(), **UNSAID))


def address(text: str) -> str:
    """An e-mail address as mail servers take it, its domain in ASCII where its name is; ValueError otherwise."""
    try:
        valid = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise ValueError(f"must be an e-mail address: {error}") from None
    return valid.ascii_email or valid.normalized


def _mailbox(text: str, name: str = "") -> Address:
    user, _at, domain = text.rpartition("@")
    return Address(name, user, domain)


def _line(text: str) -> str:
    """A text as one line without control characters: nothing in it can begin a header of its own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _pause(attempts: int) -> int | None:
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def _domain(url: str) -> str:
    host = urlsplit(url).hostname or "localhost"
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return "localhost"
