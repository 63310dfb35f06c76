"""Taking a comment in: what it must be like, where it belongs, and one row stored as pending."""

import base64
import hashlib
import hmac
import ipaddress
import json
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import NullTranslations
from typing import Any

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from comments import ledger
from comments.letters import Letter, Letters
from comments.storage import Storage, comments, threads

AUTHOR_CHARACTERS = 80
EMAIL_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their category that show nothing: the Hangul fillers and the empty Braille pattern."""
SAME_SECONDS = 3600
"""For so long the very same words from the same writer are taken for the same comment, sent again."""

PER_MINUTE, PER_HOUR = 30, 300
"""Comments from one address: a whole office may answer a letter at once, a script soon has to wait."""

# Made once: building a statement takes longer than running it.
NEW = comments.insert().returning(comments.c.id)
THREAD = sa.select(threads.c.id).where(threads.c.uri == sa.bindparam("its_uri"))
_FROM = (comments.c.sender == sa.bindparam("its_sender")) & (comments.c.created >= sa.bindparam("since"))
PACE = sa.select(sa.func.count()).select_from(comments).where(_FROM, comments.c.created <= sa.bindparam("now"))
_TOLD = [comments.c[name] for name in ("id", "parent", "sender", "created", "author", "email", "text", "token")]
_SAME = (comments.c.tid == threads.c.id) & _FROM & (comments.c.text == sa.bindparam("its_text"))
SAME_TEXT = (
    sa.select(threads.c.id.label("thread"), *_TOLD)
    .select_from(threads.outerjoin(comments, _SAME))
    .where(threads.c.uri == sa.bindparam("its_uri"))
    .order_by(comments.c.id.desc())
)
"""A letter's thread, with each comment of a sender under it that says the same; without any, the thread alone."""


class Rejected(Exception):
    """A comment that can't be taken: `status` is HTTP's, `errors` maps a field to what it must be."""

    def __init__(self, status: int, message: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = dict(errors or {})


@dataclass(frozen=True)
class Received:
    """A stored comment; `secret` opens its status page and is kept nowhere but in its writer's link."""

    id: int
    secret: str


class Reception:
    """The one way in for comments, whether by our form or by Isso's API."""

    def __init__(
        self,
        storage: Storage,
        letters: Letters,
        words: NullTranslations,
        key: str,
        max_characters: int,
        limited: bool,
        waits: Callable[[], None] = lambda: None,
    ) -> None:
        self.storage = storage
        self.letters = letters
        self._ = words.gettext
        self.key = key.encode()
        self.max_characters = max_characters
        self.limited = limited
        self.waits = waits

    def open_letter(self, uri: str) -> Letter:
        """The letter at `uri`, open for comments; Rejected with 404 or 403 otherwise."""
        letter = self.letters.get(uri) if is_plain(uri) else None
        if letter is None:
            raise Rejected(404, self._("There is no letter at this address. It may have been moved or taken down."))
        if not letter.comments_open:
            raise Rejected(403, self._("This letter no longer takes comments."))
        return letter

    def flaws(self, author: str, email: str, text: str) -> dict[str, str]:
        """What is wrong with each field, in words for its writer; empty when all is well."""
        found = {
            "author": self._author_flaw(author),
            "email": self._email_flaw(email),
            "text": self._text_flaw(text),
        }
        return {field: flaw for field, flaw in found.items() if flaw}

    def _author_flaw(self, author: str) -> str | None:
        if not _is_visible(author):
            return self._("Write your name. It is shown with your comment.")
        if len(author) > AUTHOR_CHARACTERS:
            return self._("The name may have at most %d characters.") % AUTHOR_CHARACTERS
        return self._plain_flaw(author, "\t")

    def _email_flaw(self, email: str) -> str | None:
        if not email.strip():
            return None
        if len(email) > EMAIL_CHARACTERS:
            return self._("The e-mail address may have at most %d characters.") % EMAIL_CHARACTERS
        try:
            found = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
        except (EmailNotValidError, UnicodeError):
            found = None
        if found is None or "." not in found.domain:
            return self._("Write the e-mail address like name@example.com, or leave it empty.")
        return None

    def _text_flaw(self, text: str) -> str | None:
        if len(text.strip()) < 3 or not _is_visible(text):
            return self._("Write a comment of at least three characters.")
        if len(text) > self.max_characters:
            template = self._("The comment has %(has)d characters and may have at most %(most)d.")
            return template % {"has": len(text), "most": self.max_characters}
        return self._plain_flaw(text, "\n\r\t")

    def _plain_flaw(self, text: str, allowed: str) -> str | None:
        if is_plain(text, allowed):
            return None
        return self._("This holds characters that can't be shown. Write it as plain text.")

    def sender(self, address: str) -> str:
        """A keyed hash of a network address: tells senders apart without keeping who they are."""
        return hmac.new(self.key, _subscriber(address).encode(), hashlib.sha256).hexdigest()[:32]

    def check_pace(self, sender: str) -> None:
        """Rejected with 429 when this sender's comments come faster than people write."""
        if not self.limited:
            return
        now = time.time()
        for seconds, most in ((60, PER_MINUTE), (3600, PER_HOUR)):
            # Not later than now: a clock that was set back must not lock anyone out.
            recent = {"its_sender": sender, "since": now - seconds, "now": now}
            if (self.storage.execute(PACE, recent).scalar() or 0) >= most:
                raise Rejected(429, self._("Many comments have come from your network. Try again in a while."))

    def parent(self, uri: str, id: int) -> dict[str, Any]:
        """The published comment of that letter that is being answered; Rejected with 400 if there is none."""
        query = sa.select(comments).join(threads).where(threads.c.uri == uri, comments.c.id == id)
        row = self.storage.row(query) if 0 < id < 2**63 else None
        if row is None or row["state"] != "published":
            raise Rejected(400, self._("The comment you answer is no longer there. Answer the letter instead."))
        return row

    def store(
        self,
        letter: Letter,
        values: Mapping[str, Any],
        parent: dict[str, Any] | None,
        sender: str,
        state: str = "pending",
    ) -> int:
        """Insert one comment in the running transaction; `values` are author, email, website, text, created, token."""
        row = {
            "created": time.time(),
            "email": None,
            "website": None,
            "official": None,
            **values,
            "tid": values.get("tid") or self.thread(letter),
            "parent": parent["id"] if parent else None,
            "root": (parent["root"] or parent["id"]) if parent else None,
            "state": state,
            "sender": sender,
            "voters": b"",
        }
        id: int = self.storage.execute(NEW, row).scalar_one()
        ledger.record(self.storage, "received", ledger.AUTHOR, None, row | {"id": id})
        if state == "pending":
            self.waits()
        return id

    def thread(self, letter: Letter) -> int:
        """The id of a letter's thread, made on its first comment."""
        found = self.storage.execute(THREAD, {"its_uri": letter.uri}).scalar()
        if found is None:
            new = threads.insert().values(uri=letter.uri, title=letter.title).returning(threads.c.id)
            found = self.storage.execute(new).scalar_one()
        return int(found)

    def receive(self, form: Mapping[str, str], address: str) -> Received:
        """Check and store a comment with fields uri, parent, author, email, text; Rejected or StorageBusy."""
        letter = self.open_letter(form["uri"])
        text = form["text"].replace("\r\n", "\n")
        flaws = self.flaws(form["author"], form["email"], text)
        if flaws:
            raise Rejected(400, self._("The comment was not sent. Something has to be changed first."), flaws)
        sender = self.sender(address)
        values: dict[str, Any] = {
            "author": form["author"].strip(),
            "email": form["email"].strip() or None,
            "text": text,
        }
        with self.storage.transaction():
            before, thread = self._sent_before(letter, values, self._number(form["parent"]) or None, sender)
            if before:
                return before
            self.check_pace(sender)
            parent = self.parent(letter.uri, self._number(form["parent"])) if form["parent"] else None
            values["created"] = time.time()
            secret = self._secret(letter.uri, values | {"parent": parent["id"] if parent else None, "sender": sender})
            values |= {"token": hash_secret(secret), "tid": thread or self.thread(letter)}
            return Received(self.store(letter, values, parent, sender), secret)

    def _sent_before(
        self, letter: Letter, values: Mapping[str, Any], parent: int | None, sender: str
    ) -> tuple[Received | None, int | None]:
        """The same comment from a moment ago: a page loaded again, a second press, an answer lost on the way.

        With it the letter's thread, which the same query finds, if there is one yet.
        """
        now = time.time()
        # Later than now as well: the clock may have been set back between the two.
        recent = {"its_sender": sender, "since": now - SAME_SECONDS, "its_text": values["text"], "its_uri": letter.uri}
        same = {**values, "parent": parent}
        found = self.storage.rows(SAME_TEXT, recent)
        row = next((row for row in found if all(row[name] == value for name, value in same.items())), None)
        secret = self._secret(letter.uri, row) if row else ""
        before = Received(row["id"], secret) if row and row["token"] == hash_secret(secret) else None
        return before, found[0]["thread"] if found else None

    def _secret(self, uri: str, row: Mapping[str, Any]) -> str:
        """What opens the status page: made from the comment by our key, so that it can be told again."""
        told = json.dumps([uri, *(row[name] for name in ("parent", "sender", "created", "author", "email", "text"))])
        return base64.urlsafe_b64encode(hmac.digest(self.key, told.encode(), "sha256")[:24]).decode()

    def _number(self, text: str) -> int:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def is_plain(text: str, allowed: str = "") -> bool:
    """Whether a text can be stored and shown: no control characters but `allowed`, no lone surrogates.

    Nor the sign that stands for bytes that were no text, nor the two last code points of the plane, which
    no XML may hold (XML 1.0, 2.2): the feed would break.
    """
    if any((character < " " or "\x7f" <= character <= "\x9f") and character not in allowed for character in text):
        return False
    return not any("\ud800" <= character <= "\udfff" or character in "\ufffd\ufffe\uffff" for character in text)


def _is_visible(text: str) -> bool:
    """Whether there is anything to see: letters, digits, signs or pictures, not blanks and joiners alone."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK for character in text)


def _subscriber(address: str) -> str:
    """The part of a network address that one subscriber can't vary: an IPv6 one owns all of a /64 (RFC 6177)."""
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(parsed.ipv4_mapped or ipaddress.IPv6Network((parsed, 64), strict=False))


def hash_secret(secret: str) -> str:
    """The form in which a link's secret is stored: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
