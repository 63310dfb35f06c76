"""A database as the first release left it: its schema, and rows as it wrote them."""

import json
from typing import Any

import sqlalchemy as sa

from comments import migrations
from comments.databases import database
from comments.reception import hash_secret
from tests.service.conftest import LETTER, OTHER

T = 1_700_000_000.0
AUTHOR = "author of the comment"
DESK = "moderator@lindhamn.example"
SIGN_IN, STATUS = "sign-in-secret", "status-secret"

# id, thread, parent, root, state, seconds after T, modified, author, text, official
COMMENTS = [
    (1, 1, None, None, "published", 1, None, "Anna", "Ett *bra* brev.", None),
    (2, 1, 1, 1, "published", 20, None, "Stadsdirektören", "Tack!", "Lindhamns stad"),
    (3, 1, None, None, "pending", 3, None, "Bo", "Jag väntar.", None),
    (4, 1, None, None, "declined", 4, None, "Cia", "Köp mina däck!", None),
    (5, 1, None, None, "hidden", 5, None, "Dan", "Ett hot.", None),
    (6, 1, 5, 5, "published", 6, None, "Eva", "Lugn nu.", None),
    (7, 1, None, None, "pending", 7, T + 62, "Fia F", "Tredje texten.", None),
    (8, 2, None, None, "published", 8, None, "Gun", "Under ett annat brev.", None),
    (9, 1, None, None, "published", 9, T + 63, "Hal", "Rättat och godkänt.", None),
]


def _said(id: int, state: str, **changed: str) -> dict[str, Any]:
    row = next(row for row in COMMENTS if row[0] == id)
    return {"state": state, "author": row[7], "text": row[8], "official": row[9]} | changed


FIRST = {"author": "Fia", "text": "Första texten."}
SECOND = {"author": "Fia", "text": "Andra texten."}
# comment, seconds after T, who, what, reason, note, before, after
DECISIONS: list[tuple[Any, ...]] = [
    (1, 10, DESK, "approved", None, None, _said(1, "pending"), _said(1, "published")),
    (2, 20, DESK, "replied", None, None, None, _said(2, "published")),
    (4, 30, DESK, "declined", "regel-1", "Det är reklam.", _said(4, "pending"), _said(4, "declined")),
    (5, 40, DESK, "approved", None, None, _said(5, "pending"), _said(5, "published")),
    (6, 41, DESK, "approved", None, None, _said(6, "pending"), _said(6, "published")),
    (7, 50, DESK, "approved", None, None, _said(7, "pending", **FIRST), _said(7, "published", **FIRST)),
    (5, 51, DESK, "hidden", "hot", "Hotar en granne.", _said(5, "published"), _said(5, "hidden")),
    (7, 61, AUTHOR, "edited", None, None, _said(7, "published", **FIRST), _said(7, "pending", **SECOND)),
    (7, 62, AUTHOR, "edited", None, None, _said(7, "pending", **SECOND), _said(7, "pending")),
    (9, 63, AUTHOR, "edited", None, None, _said(9, "pending", text="Fel."), _said(9, "pending")),
    (9, 64, DESK, "approved", None, None, _said(9, "pending"), _said(9, "published")),
    (8, 70, DESK, "approved", None, None, _said(8, "pending"), _said(8, "published")),
]


def begin(url: str) -> None:
    """Make the first release's tables in an empty database, and fill them."""
    made = database(url)
    with made.engine.connect() as connection:
        made.begin(connection, 5000)
        migrations.upgrade(connection, "0001")
        _fill(connection)
        made.commit(connection)
    made.engine.dispose()


def _fill(connection: sa.Connection) -> None:
    def insert(table: str, **values: Any) -> None:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)

    insert("threads", uri=LETTER, title="Vi provar", stale=0)
    insert("threads", uri=OTHER, title="Ett annat", stale=1)
    for _id, tid, parent, root, state, after, modified, author, text, official in COMMENTS:
        about = {"tid": tid, "parent": parent, "root": root, "state": state, "created": T + after}
        said = {"modified": modified, "author": author, "text": text, "official": official}
        token = hash_secret(STATUS) if author == "Cia" else None
        email = "anna@lindhamn.example" if author == "Anna" else None
        insert("comments", **about, **said, email=email, sender="" if official else "ab" * 16, token=token, voters=b"")
    for comment, after, who, what, reason, note, before, now in DECISIONS:
        told = {"comment": comment, "at": T + after, "who": who, "what": what, "reason": reason, "note": note}
        insert("ledger", **told, before=json.dumps(before), after=json.dumps(now))
    insert("accounts", email=DESK, name="Kommunikatören", title="Lindhamns stad", sign_outs=2)
    insert("sign_in_links", token=hash_secret(SIGN_IN), account=1, expires=T * 2, used=None)
    _set_apart(connection)


def _set_apart(connection: sa.Connection) -> None:
    """Use up a number in each table that counts, as a row that somebody took out by hand does."""
    for statement in (
        "INSERT INTO accounts (email, name, title) VALUES ('x', 'x', 'x')",
        "DELETE FROM accounts WHERE email = 'x'",
        "INSERT INTO threads (uri, title) VALUES ('x', 'x')",
        "DELETE FROM threads WHERE uri = 'x'",
    ):
        connection.exec_driver_sql(statement)


def _shown(id: int, seconds: int, author: str, html: str, **more: Any) -> dict[str, Any]:
    day = f"2023-11-14T22:13:{20 + seconds:02d}+00:00"
    shown = {"id": id, "state": "published", "author": author, "official": None, "created": day, "edited": None}
    return shown | {"html": html, "masked": False, "answers": None, "replies": []} | more


_ANSWER = _shown(2, 20, "Stadsdirektören", "<p>Tack!</p>", official="Lindhamns stad", answers=1)
_BENEATH = _shown(6, 6, "Eva", "<p>Lugn nu.</p>", answers=5)
PUBLISHED: dict[str, list[dict[str, Any]]] = {
    LETTER: [
        _shown(1, 1, "Anna", "<p>Ett <em>bra</em> brev.</p>", replies=[_ANSWER]),
        _shown(5, 5, "", "") | {"state": "hidden", "author": None, "replies": [_BENEATH]},
        _shown(9, 9, "Hal", "<p>Rättat och godkänt.</p>", edited="2023-11-14T22:14:23+00:00"),
    ],
    OTHER: [_shown(8, 8, "Gun", "<p>Under ett annat brev.</p>")],
}
"""The conversations that the first release published of it; of masks it said nothing, having none."""
