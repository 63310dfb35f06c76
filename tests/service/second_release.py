"""A database as the second release left it: the first one's, brought up to date by it, and rows as it wrote them."""

from typing import Any

import sqlalchemy as sa

from comments import migrations
from comments.databases import database
from comments.migrations.versions import v0002_chained_ledger as v0002
from comments.reception import hash_secret
from tests.service import first_release
from tests.service.conftest import LETTER
from tests.service.first_release import AUTHOR, DESK, T

SECOND = "second@lindhamn.example"
SIGN_IN = "sign-in-secret-of-the-second"

# id, state, seconds after T, author, text
COMMENTS = [(10, "published", 30, "Ida", "I den *andra*."), (11, "pending", 31, "Jon", "Har ni tid?")]
EVENTS = [(10, 30, AUTHOR, "received", None, "pending"), (10, 42, DESK, "approved", "pending", "published")]
EVENTS += [(11, 31, AUTHOR, "received", None, "pending")]
MAILS = [("m1", "waiting", None), ("m2", "sent", T + 50), ("m3", "failed", T + 51)]

_SHOWN = first_release._shown(10, 30, "Ida", "<p>I den <em>andra</em>.</p>")
PUBLISHED = first_release.PUBLISHED | {
    LETTER: sorted([*first_release.PUBLISHED[LETTER], _SHOWN], key=lambda each: each["id"])
}
"""The conversations that it published; the masks apart, of which it knew nothing."""


def begin(url: str) -> tuple[int, str]:
    """Make and fill it; gives the number and hash of its ledger's last row."""
    first_release.begin(url)
    made = database(url)
    with made.engine.connect() as connection:
        made.unbind(connection)
        made.begin(connection, 5000)
        migrations.upgrade(connection, "0002")
        _write(connection)
        last = connection.execute(sa.select(v0002.ledger.c.id, v0002.ledger.c.hash).order_by(v0002.ledger.c.id.desc()))
        head = last.first()
        made.commit(connection)
        connection.invalidate()
    made.engine.dispose()
    assert head
    return head.id, head.hash


def _write(connection: sa.Connection) -> None:
    for id, state, after, author, text in COMMENTS:
        about = {"tid": 1, "state": state, "created": T + after, "sender": "cd" * 16, "voters": b""}
        shown = {"html": f"<p>{text}</p>", "renderer": "of then"}
        _insert(connection, "comments", **about | shown, author=author, text=text, token=hash_secret(f"status {id}"))
    for event in EVENTS:
        _tell(connection, *event)
    _insert(connection, "accounts", email=SECOND, name="Den andra", title="Lindhamns stad", sign_outs=3)
    link = {"token": hash_secret(SIGN_IN), "expires": T * 2, "used": None}
    query = "INSERT INTO sign_in_links SELECT :token, id, :expires, :used FROM accounts WHERE email = :email"
    connection.execute(sa.text(query), link | {"email": SECOND})
    for name, state, done in MAILS:
        mail = {"kind": "decision", "recipient": "ida@lindhamn.example", "subject": "Beslut", "body": "Hej."}
        when = {"created": T + 45, "due": T * 2, "attempts": 1, "done": done, "comment": 10, "error": None}
        connection.execute(v0002.outbox.insert().values(mail | when | {"message_id": name, "state": state}))


def _insert(connection: sa.Connection, table: str, **values: Any) -> None:
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def _tell(
    connection: sa.Connection, comment: int, after: int, who: str, what: str, before: str | None, state: str
) -> None:
    last = connection.execute(sa.select(v0002.ledger).order_by(v0002.ledger.c.id.desc())).mappings().first()
    assert last
    row: dict[str, Any] = {"id": last["id"] + 1, "comment": comment, "at": T + after, "who": who, "what": what}
    row |= {"reason": None, "note": None, "before": before, "after": state, "edition": None, "digest": None}
    kept = sa.select(v0002.ledger.c.edition, v0002.ledger.c.digest).where(v0002.ledger.c.comment == comment)
    if what == "received":
        columns = ", ".join((*v0002.SAID, *v0002.PLACED))
        query = sa.text(f"SELECT {columns} FROM comments WHERE id = :id")
        said = dict(connection.execute(query, {"id": comment}).mappings().one())
        row["edition"], row["digest"] = v0002._keep(connection, comment, said)
    else:
        row |= connection.execute(kept).mappings().one()
    hash = v0002._chained(last["hash"], row)
    connection.execute(v0002.ledger.insert().values(row | {"hash": hash}))
