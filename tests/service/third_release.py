"""A database as the third release left it: the second one's, brought up to date by it, and rows as it wrote them."""

from typing import Any

import sqlalchemy as sa

from comments import migrations
from comments.databases import database
from comments.migrations.versions import v0003_desk as v0003
from comments.reception import hash_secret
from tests.service import second_release
from tests.service.first_release import T

THIRD = "third@lindhamn.example"
REPORT, SESSION = "report-secret-of-the-third", "session-secret-of-the-third"
NUMBER = 10
"""The comment that was reported, which the second release published."""


def begin(url: str) -> tuple[int, str]:
    """Make and fill it; gives the number and hash of its ledger's last row."""
    head = second_release.begin(url)
    made = database(url)
    with made.engine.connect() as connection:
        made.unbind(connection)
        made.begin(connection, 5000)
        migrations.upgrade(connection, "0003")
        _write(connection)
        made.commit(connection)
        connection.invalidate()
    made.engine.dispose()
    return head


def _write(connection: sa.Connection) -> None:
    account = {"email": THIRD, "name": "Den tredje", "title": "Lindhamns stad", "role": "moderator", "closed": None}
    query = "INSERT INTO accounts (email, name, title, role, closed) VALUES (:email, :name, :title, :role, :closed)"
    connection.execute(sa.text(query), account)
    id = connection.execute(sa.text("SELECT id FROM accounts WHERE email = :email"), {"email": THIRD}).scalar_one()
    signed_in = {"account": id, "created": T, "seen": T, "how": "password", "agent": "Firefox"}
    connection.execute(v0003.sessions.insert().values(signed_in | {"token": hash_secret(SESSION)}))
    report: dict[str, Any] = {"comment": NUMBER, "reason": "regel-1", "words": "Hör inte hit.", "sender": "ef" * 16}
    connection.execute(v0003.reports.insert().values(report | {"created": T + 60, "token": hash_secret(REPORT)}))
    review = {"comment": 11, "words": "Varför?", "first": THIRD, "created": T + 61}
    connection.execute(v0003.reviews.insert().values(review))
    closed = {"starts": T, "ends": T + 3600, "notice": "Valet.", "who": THIRD}
    connection.execute(v0003.closures.insert().values(closed))
