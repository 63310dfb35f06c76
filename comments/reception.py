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
from comments.closures import concern, concerning
from comments.flags import marks
from comments.letters import Letter, Letters
from comments.storage import Storage, comments, threads
from common.closures import Standing, standing

AUTHOR_CHARACTERS = 80
EMAIL_CHARACTERS = 254  # RFC 5321, 4.5.3.1.3
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their category that show nothing: the Hangul fillers and the empty Braille pattern."""
SAME_SECONDS = 600
"""For so long, and while it waits, the very same words from the same writer are the same comment, sent again.

No longer: two people behind one address may both be "Anonym" and write "Bra skrivet!".
"""

PER_MINUTE, PER_HOUR = 30, 300
"""Comments from one address: a whole office may answer a letter at once, a script soon has to wait."""

# Made once: building a statement takes longer than running it.
THREAD = sa.select(threads.c.id).where(threads.c.uri == sa.bindparam("its_uri"))
_SAYS = ("parent", "author", "email", "website", "text")


# Not later than now: a clock that was set back must not lock anyone out.
_IN_MINUTE, _IN_HOUR = (
    sa.func.count(comments.c.id)
    .filter(comments.c.created.between(sa.bindparam(since), sa.bindparam("now")))
    .label(name)
    for name, since in (("in_minute", "a_minute_ago"), ("in_hour", "an_hour_ago"))
)


def _sent_before() -> sa.Label[int | None]:
    # Later than now as well: the clock may have been set back between the two.
    waits = (comments.c.created >= sa.bindparam("a_moment_ago")) & (comments.c.state == "pending")
    same = [comments.c[name].is_not_distinct_from(sa.bindparam(f"its_{name}")) for name in _SAYS]
    here = comments.c.tid == THREAD.scalar_subquery()
    return sa.func.max(comments.c.id).filter(waits, here, *same).label("before")


def _of_sender(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """What a sender's comments of the last hour say together; conditions in the columns are no way to seek."""
    lately = comments.c.created >= sa.bindparam("an_hour_ago")
    return sa.select(*columns).where(comments.c.sender == sa.bindparam("its_sender"), lately)


_BEFORE = _of_sender(_sent_before())
PACE = _of_sender(_IN_MINUTE, _IN_HOUR)
_SENT = _of_sender(_sent_before(), _IN_MINUTE, _IN_HOUR).subquery()
ARRIVAL = sa.select(
    THREAD.scalar_subquery().label("thread"),
    *_SENT.c,
    concern(THREAD.scalar_subquery()).label("closure"),
    *ledger.HEAD,
)
"""All that must be known when a comment comes, asked at once: on PostgreSQL each question is a way there and back."""


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
        to_tell: sa.ColumnElement[int] | None = None,
        follow: Callable[[int, str, float], None] = lambda comment, email, created: None,
    ) -> None:
        """`waits` is called when a comment waits; where `to_tell` is given, only if that counts anybody.

        `follow` is called with a comment whose writer wants mail, the address, and when it was written.
        """
        self.storage = storage
        self.letters = letters
        self._ = words.gettext
        self.key = key.encode()
        self.max_characters = max_characters
        self.limited = limited
        self.waits = waits
        self.follow = follow
        self.arrival = ARRIVAL.add_columns((sa.literal(1) if to_tell is None else to_tell).label("to_tell"))

    def letter(self, uri: str) -> Letter:
        """The letter at `uri`, whether it takes comments or not; Rejected with 404 where there is none."""
        letter = self.letters.get(uri) if is_plain(uri) else None
        if letter is None:
            raise Rejected(404, self._("There is no letter at this address. It may have been moved or taken down."))
        return letter

    def open_letter(self, uri: str) -> Letter:
        """The letter at `uri`, open for comments; Rejected with 404, or 403 with the words of who closed it."""
        letter = self.letter(uri)
        self._check_standing(self.standing(letter))
        return letter

    def standing(self, letter: Letter) -> Standing:
        """Whether a letter takes comments at this very moment, and if not why."""
        return standing(letter.comments_open, letter.closes, concerning(self.storage, letter.uri), time.time())

    def _check_standing(self, stands: Standing) -> None:
        if not stands.is_open:
            raise Rejected(403, stands.notice or self._("This letter no longer takes comments."))

    def flaws(self, author: str, email: str, text: str) -> dict[str, str]:
        """What is wrong with each field, in words for its writer; empty when all is well."""
        found = {
            "author": self._author_flaw(author),
            "email": self.email_flaw(email),
            "text": self._text_flaw(text),
        }
        return {field: flaw for field, flaw in found.items() if flaw}

    def _author_flaw(self, author: str) -> str | None:
        if not is_visible(author):
            return self._("Write your name. It is shown with your comment.")
        if len(author) > AUTHOR_CHARACTERS:
            return self._("The name may have at most %d characters.") % AUTHOR_CHARACTERS
        return self._plain_flaw(author, "\t")

    def email_flaw(self, email: str) -> str | None:
        """What is wrong with an e-mail address, in words for its writer; None where it is well, or left out."""
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
        if len(text.strip()) < 3 or not is_visible(text):
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
        if self.limited:
            self._check_pace(self.storage.rows(PACE, {"its_sender": sender, **_times()})[0])

    def _check_pace(self, sent: Mapping[str, Any]) -> None:
        if self.limited and (sent["in_minute"] >= PER_MINUTE or sent["in_hour"] >= PER_HOUR):
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
        found: Mapping[str, Any] | None = None,
    ) -> int:
        """Insert one comment in the running transaction; `values` are author, email, website, text, created, token.

        `found` is the answer to ARRIVAL, where that was asked.
        """
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
            **marks(values["text"]),
        }
        id = ledger.receive(self.storage, row, found)
        if state == "pending" and (found is None or found["to_tell"]):
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
        """Check and store a comment with fields uri, parent, author, email, text; Rejected or StorageBusy.

        A field `notify` that says anything asks for mail to the address about what becomes of it.
        """
        letter = self.letter(form["uri"])
        text = form["text"].replace("\r\n", "\n")
        notify = bool(form.get("notify"))
        flaws = self.flaws(form["author"], form["email"], text)
        if notify and not form["email"].strip():
            flaws["email"] = self._("Write the address that we should mail to, or untick the box below.")
        if flaws or not letter.comments_open:
            self._check_standing(self.standing(letter))  # first of all: there is nothing to mend in vain
            raise Rejected(400, self._("The comment was not sent. Something has to be changed first."), flaws)
        sender = self.sender(address)
        values: dict[str, Any] = {
            "author": form["author"].strip(),
            "email": form["email"].strip() or None,
            "text": text,
        }
        with self.storage.transaction():
            told = _told(letter, values, self._number(form["parent"]) or None, sender)
            found = self.storage.rows(self.arrival, told | _times())[0]
            if found["before"] and (before := self._sent_before(letter.uri, found["before"], notify)):
                return before
            # Asked at once with all else, and only looked up where anything concerns this letter now.
            if found["closure"] or (letter.closes is not None and letter.closes <= time.time()):
                self._check_standing(self.standing(letter))
            self._check_pace(found)
            parent = self.parent(letter.uri, self._number(form["parent"])) if form["parent"] else None
            values["created"] = time.time()
            secret = self._secret(letter.uri, values | {"parent": parent["id"] if parent else None, "sender": sender})
            values |= {"token": hash_secret(secret), "tid": found["thread"] or self.thread(letter)}
            id = self.store(letter, values, parent, sender, found=found)
            if notify:
                self.follow(id, values["email"], values["created"])
            return Received(id, secret)

    def sent_before(self, letter: Letter, values: Mapping[str, Any], parent: int | None, sender: str) -> int | None:
        """The number of the same comment from a moment ago, where it waits; `values` as `store` takes them."""
        found = self.storage.execute(_BEFORE, _told(letter, values, parent, sender) | _times()).scalar()
        return None if found is None else int(found)

    def _sent_before(self, uri: str, id: int, notify: bool) -> Received | None:
        """The same comment from a moment ago: a page loaded again, a second press, an answer lost on the way."""
        row = self.storage.rows(sa.select(comments).where(comments.c.id == id))[0]
        secret = self.secret_of(row | {"uri": uri})
        if secret and notify:  # the box may have been ticked the second time
            self.follow(id, row["email"], row["created"])
        return Received(id, secret) if secret else None

    def secret_of(self, row: Mapping[str, Any]) -> str | None:
        """What opens the status page of a comment, with its letter's `uri`; None where it has none."""
        secret = self._secret(row["uri"], row)
        return secret if row["token"] == hash_secret(secret) else None

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


def is_visible(text: str) -> bool:
    """Whether there is anything to see: letters, digits, signs or pictures, not blanks and joiners alone."""
    return any(unicodedata.category(character)[0] in "LNPS" and character not in BLANK for character in text)


def _told(letter: Letter, values: Mapping[str, Any], parent: int | None, sender: str) -> dict[str, Any]:
    """What a comment that comes is known by, if it has come before."""
    told = {f"its_{name}": values.get(name) for name in _SAYS}
    return told | {"its_uri": letter.uri, "its_parent": parent, "its_sender": sender}


def _times() -> dict[str, float]:
    """The moments, in seconds since 1970, that a comment's arrival is judged by."""
    now = time.time()
    return {"now": now, "a_minute_ago": now - 60, "an_hour_ago": now - 3600, "a_moment_ago": now - SAME_SECONDS}


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
