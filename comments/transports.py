"""How a mail leaves this machine: by SMTP, or into a folder where no server is named."""

import os
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from comments.settings import SettingsError

TIMEOUT_SECONDS = 30
MUST_BE = "SMTP must be like smtp://host, smtp://user:password@host:587 or smtps://user:password@host"


class RecipientRefused(Exception):
    """The recipient or the mail is refused for good; the message is what the server said."""


class Transport(Protocol):
    """A way out. Every error but RecipientRefused says that the same mail may be taken later."""

    def send(self, sender: str, recipient: str, message: EmailMessage) -> None:
        """Hand one message over; where this returns, it is taken."""


def transport(smtp: str, folder: Path) -> Transport:
    """The way that SMTP names, or `folder` where it is empty; SettingsError, which never shows the password."""
    return _server(smtp) if smtp else Folder(folder)


def _server(smtp: str) -> "Server":
    try:
        parts = urlsplit(smtp)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"{MUST_BE}; it is no address") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise SettingsError(f"{MUST_BE}; it begins otherwise")
    if not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise SettingsError(f"{MUST_BE}; signs like / ? # in a password are written %2F %3F %23")
    if bool(parts.username) != bool(parts.password):
        raise SettingsError(f"{MUST_BE}; a user and a password belong together")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    usual = 465 if parts.scheme == "smtps" else 587 if user else 25
    return Server(host, port or usual, user, password, encrypted=parts.scheme == "smtps")


@dataclass(frozen=True)
class Server:
    """A mail server; `encrypted` from the first byte (smtps), else by STARTTLS where it offers that."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    encrypted: bool = False

    def send(self, sender: str, recipient: str, message: EmailMessage) -> None:
        """Hand one message over. A 5xx to RCPT or DATA is for good, all else may be better later (RFC 5321, 4.2.1)."""
        server = self._connected()
        try:
            self._greet(server)
            options = () if (sender + recipient).isascii() else ("SMTPUTF8", "BODY=8BITMIME")
            server.sendmail(sender, [recipient], message.as_bytes(), options)
        except smtplib.SMTPRecipientsRefused as error:
            _judge(*error.recipients[recipient])
        except smtplib.SMTPDataError as error:
            _judge(error.smtp_code, error.smtp_error)
        except smtplib.SMTPNotSupportedError as error:
            if not (sender + recipient).isascii():
                raise RecipientRefused("the mail server takes no address with letters like å or é") from error
            raise
        finally:
            # The mail is taken or not by now, however the server says goodbye.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self.encrypted:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if not self.encrypted and (self.user or server.has_extn("starttls")):
            server.starttls(context=self._context())
            server.ehlo()
        if self.user:
            server.login(self.user, self.password)

    def _context(self) -> ssl.SSLContext:
        """A password goes to the very server alone; without one, any encryption beats none (RFC 7435)."""
        context = ssl.create_default_context()
        if not self.user:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _judge(code: int, words: bytes | str) -> None:
    """Raise what a server's answer means."""
    said = f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
    raise RecipientRefused(said) if code >= 500 else OSError(said)


class Folder:
    """Mails as files that any mail program opens; the same mail is the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, _sender: str, _recipient: str, message: EmailMessage) -> None:
        """Write <Message-ID before the @>.eml, whole or not at all, for its owner alone."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{message['Message-ID'].strip('<>').split('@')[0]}.eml"
        draft = path.with_name(f".{path.name}.new")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
