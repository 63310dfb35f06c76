"""Who gets mail about a comment: its writer, where the box was ticked, until they end it."""

import base64
import hmac
import json
import time
from typing import Any

import sqlalchemy as sa

from comments.mail import TO_WRITERS, take_back
from comments.reception import hash_secret
from comments.storage import Storage, comments, followers, outbox

Row = dict[str, Any]

FOLLOW = sa.text(
    "INSERT INTO followers (comment, email, token, created) VALUES (:comment, :email, :token, :created) "
    "ON CONFLICT (token) DO NOTHING"
)


class Followers:
    """The followers of comments, each with a secret of its own that confirms the address and ends the mails."""

    def __init__(self, storage: Storage, key: str) -> None:
        self.storage = storage
        self.key = key.encode()

    def add(self, comment: int, email: str, created: float) -> None:
        """Have mails about a comment of that time sent to an address, in the running transaction; once."""
        row = {"comment": comment, "email": email, "created": created}
        self.storage.execute(FOLLOW, row | {"token": hash_secret(self.secret(row))})

    def secret(self, row: Row) -> str:
        """What its links hold: made from the row by our key, so that each mail can have it and no table does."""
        told = json.dumps(["follower", row["comment"], row["email"], row["created"]])
        return base64.urlsafe_b64encode(hmac.digest(self.key, told.encode(), "sha256")[:24]).decode()

    def find(self, secret: str) -> Row | None:
        """The follower whose link that is, or None."""
        return self.storage.row(sa.select(followers).where(followers.c.token == hash_secret(secret)))

    def of(self, comment: int) -> list[Row]:
        """Those who still get mails about a comment."""
        return self.storage.rows(
            sa.select(followers).where(followers.c.comment == comment, followers.c.ended.is_(None))
        )

    def confirm(self, row: Row) -> None:
        """The address is its owner's: answers may be mailed to it from now on."""
        open = (followers.c.id == row["id"]) & followers.c.confirmed.is_(None)
        self.storage.execute(followers.update().where(open).values(confirmed=time.time()))

    def end(self, row: Row) -> None:
        """No more mails about that comment; none that still waits goes out."""
        open = (followers.c.id == row["id"]) & followers.c.ended.is_(None)
        with self.storage.transaction():
            self.storage.execute(followers.update().where(open).values(ended=time.time()))
            take_back(self.storage, _about(row["comment"], row["email"]))


def forget(storage: Storage, comment: int) -> None:
    """When a comment is disposed of: nobody follows it any more, and no mail keeps their address."""
    for row in storage.rows(sa.select(followers).where(followers.c.comment == comment)):
        take_back(storage, _about(comment, row["email"]))
        storage.execute(outbox.update().where(_about(comment, row["email"])).values(recipient="", subject=""))
    storage.execute(followers.delete().where(followers.c.comment == comment))


def _about(comment: int, email: str) -> sa.ColumnElement[bool]:
    """The mails to a writer about a comment of theirs: what was decided, and its answers, each by its own number."""
    answers = sa.select(comments.c.id).where(comments.c.parent == comment)
    own = outbox.c.comment.in_(answers.union_all(sa.select(sa.literal(comment))))
    return own & (outbox.c.recipient == email) & outbox.c.kind.in_(TO_WRITERS)
