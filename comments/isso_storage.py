"""Isso's database as its views know it (`threads`, `comments`, `guard`), on our tables."""

import html
import time
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from isso.config import IssoParser
from isso.db.comments import MAX_LIKES_AND_DISLIKES
from isso.utils import Bloomfilter

from comments import ledger
from comments.flags import marks
from comments.masking import shown
from comments.publish import Publisher
from comments.reception import Reception, Rejected
from comments.storage import Storage, comments, threads, visible

MODES = {"published": 1, "pending": 2, "declined": 4, "hidden": 4, "disposed": 4}
"""Our states as Isso's modes: 1 shown, 2 held, 4 gone but still answered."""

MOST_EDITS = 20
"""Each edit is kept in the ledger for good, so a script must not make them without end."""

ORDERS = {"id", "created", "modified", "likes", "dislikes"}
Row = dict[str, Any]


class IssoStorage:
    """What Isso's API takes for its database."""

    def __init__(self, storage: Storage, reception: Reception, publisher: Publisher, conf: IssoParser) -> None:
        self.threads = IssoThreads(reception)
        self.comments = IssoComments(storage, reception, publisher, conf.getboolean("moderation", "enabled"))
        self.guard = IssoGuard(storage, reception, conf)


class IssoGuard:
    """Our pace limit in place of Isso's, which locks out an office behind one address for good."""

    def __init__(self, storage: Storage, reception: Reception, conf: IssoParser) -> None:
        self.storage = storage
        self.reception = reception
        self.conf = conf.section("guard")
        self.max_age = conf.getint("general", "max-age")

    def validate(self, _uri: str, comment: Mapping[str, Any]) -> tuple[bool, str]:
        """Whether Isso's settings allow it, and why not; the pace limit is asked when it is stored."""
        if self.conf.getboolean("require-email") and not comment.get("email"):
            return False, "email address required but not provided"
        alone = self.conf.getboolean("enabled") and not self.conf.getboolean("reply-to-self")
        if alone and self._answers_itself(comment):
            return False, "edit time frame is still open"
        return True, ""

    def _answers_itself(self, comment: Mapping[str, Any]) -> bool:
        """Whether it answers a comment of the same sender that can still be changed instead."""
        sender = self.reception.sender(comment["remote_addr"])
        own = (comments.c.id == comment["parent"]) & (comments.c.sender == sender)
        fresh = comments.c.created > time.time() - self.max_age
        return self.storage.row(sa.select(comments.c.id).where(own, fresh)) is not None


class IssoThreads:
    """Threads are the site's letters: known by their address, titled by the site."""

    def __init__(self, reception: Reception) -> None:
        self.reception = reception

    def __contains__(self, uri: str) -> bool:
        # Always: the API has asked for the letter before, so Isso never fetches a page or takes a title.
        return True

    def __getitem__(self, uri: str) -> Row:
        letter = self.reception.letter(uri)
        return {"id": self.reception.thread(letter), "uri": letter.uri, "title": letter.title}


class IssoComments:
    """Isso's queries on comments; nothing here deletes, and nothing shows what is held."""

    def __init__(self, storage: Storage, reception: Reception, publisher: Publisher, moderated: bool) -> None:
        self.storage = storage
        self.reception = reception
        self.publisher = publisher
        self.moderated = moderated

    def add(self, uri: str, values: Mapping[str, Any]) -> Row:
        """Store a comment and give its own row, by the id that its insert returned.

        It is held, unless Isso's settings say that nothing is: ours never do. The same comment sent again is the
        one from before, as by the form, and counts no second time; Rejected with 429 where too many come from one
        sender.
        """
        letter = self.reception.letter(uri)  # the API has asked whether it is open
        parent = self.reception.parent(uri, values["parent"]) if values.get("parent") else None
        kept = {
            # Isso escapes these before it stores; we keep what was written and escape when it is shown.
            "author": html.unescape(values["author"] or "").strip() or None,
            "email": html.unescape(values["email"] or "").strip() or None,
            "website": html.unescape(values["website"] or "") or None,
            "text": values["text"],
        }
        state = "published" if values["mode"] == MODES["published"] and not self.moderated else "pending"
        sender = self.reception.sender(values["remote_addr"])
        id = self.reception.sent_before(letter, kept, parent["id"] if parent else None, sender)
        if id is None:
            self.reception.check_pace(sender)
            id = self.reception.store(letter, kept, parent, sender, state)
        row = self.get(id)
        assert row is not None
        if state == "published":
            self.publisher.decided(row["tid"])
        return row

    def get(self, id: int) -> Row | None:
        """One comment in Isso's fields, or None."""
        if not 0 < id < 2**63:
            return None
        row = self.storage.row(sa.select(comments).where(comments.c.id == id))
        return _as_isso(row, gone=row["state"] in ("hidden", "disposed")) if row else None

    def update(self, id: int, changes: Mapping[str, Any]) -> Row:
        """An edit by the author: a published comment is held again; the text before stays in the ledger."""
        before = self.storage.rows(sa.select(comments).where(comments.c.id == id))[0]
        if before["state"] not in ("pending", "published"):
            raise Rejected(403, "this comment has been decided about and can't be changed")
        if ledger.edits(self.storage, id) >= MOST_EDITS:
            raise Rejected(429, "this comment has been changed many times; let it rest")
        after = {
            "text": changes["text"],
            "author": html.unescape(changes.get("author") or "").strip() or before["author"],
            "website": html.unescape(changes["website"]) if changes.get("website") else before["website"],
            "modified": time.time(),
            "state": "pending",
            "masked": None,
            **marks(changes["text"]),
            "html": None,
            "renderer": None,
        }
        self.storage.execute(comments.update().where(comments.c.id == id).values(after))
        ledger.record(self.storage, "edited", ledger.AUTHOR, before, before | after)
        if before["state"] == "published":
            self.publisher.decided(before["tid"])
            self.reception.waits()
        row = self.get(id)
        assert row is not None
        return row

    def fetch(
        self,
        uri: str,
        mode: int = 5,
        after: float = 0,
        parent: Any = "any",
        order_by: str = "id",
        asc: int = 1,
        limit: int | None = None,
        offset: int = 0,
    ) -> Iterator[Row]:
        """The thread as anyone may read it: published comments, and blank ones that are still answered."""
        thread = sa.select(threads.c.id).where(threads.c.uri == uri).scalar_subquery()
        query = sa.select(comments).where(visible(thread), comments.c.created > float(after))
        if parent != "any":
            query = query.where(comments.c.root.is_(None) if parent is None else comments.c.root == parent)
        key = (comments.c.likes - comments.c.dislikes) if order_by == "karma" else comments.c[_order(order_by)]
        if parent not in ("any", None):
            key, asc = comments.c.created, 1  # a conversation is read from its beginning, whatever the order above it
        query = query.order_by(key if asc else key.desc(), comments.c.id)
        if limit:
            query = query.limit(limit).offset(offset)
        return (_as_isso(row, gone=row["state"] != "published") for row in self.storage.rows(query))

    def reply_count(self, uri: str, mode: int = 5) -> dict[int | None, int]:
        """Numbers of visible comments by the top of their branch."""
        counts: dict[int | None, int] = {}
        for row in self.fetch(uri):
            counts[row["parent"]] = counts.get(row["parent"], 0) + 1
        return counts

    def count(self, *uris: str) -> list[int]:
        """Numbers of published comments, in the order asked."""
        query = (
            sa.select(threads.c.uri, sa.func.count().label("number"))
            .join_from(comments, threads)
            .where(threads.c.uri.in_(uris), comments.c.state == "published")
            .group_by(threads.c.uri)
        )
        found = {row.uri: row.number for row in self.storage.execute(query)}
        return [found.get(uri, 0) for uri in uris]

    def vote(self, upvote: bool, id: int, remote_addr: str) -> Row | None:
        """Count a vote, once for each network and never the writer's own."""
        row = self.storage.row(sa.select(comments).where(comments.c.id == id))
        if row is None:
            return None
        likes, dislikes = row["likes"], row["dislikes"]
        voters = Bloomfilter(bytearray(row["voters"]) or None, likes + dislikes)
        sender = self.reception.sender(remote_addr)
        if sender in voters or sender == row["sender"] or likes + dislikes >= MAX_LIKES_AND_DISLIKES:
            return {
                "likes": likes,
                "dislikes": dislikes,
                "message": "not counted: only one vote for each network",
            }
        voters.add(sender)
        new = {"likes": likes + upvote, "dislikes": dislikes + (not upvote)}
        self.storage.execute(comments.update().where(comments.c.id == id).values(**new, voters=bytes(voters.array)))
        return new


def _order(name: str) -> str:
    return name if name in ORDERS else "created"


def _as_isso(row: Row, gone: bool) -> Row:
    return {
        "tid": row["tid"],
        "id": row["id"],
        "parent": row["root"],
        "created": row["created"],
        "modified": row["modified"],
        "mode": 4 if gone else MODES[row["state"]],
        "remote_addr": "",
        "text": "" if gone else shown(row),
        "author": None if gone or not row["author"] else html.escape(row["author"], quote=False),
        "email": row["email"],
        "website": None if gone or not row["website"] else html.escape(row["website"]),
        "likes": row["likes"],
        "dislikes": row["dislikes"],
        "notification": row["notification"],
    }
