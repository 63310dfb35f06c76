"""Ledger with a chain, editions, outbox, limits in the schema; what the first release decided is taken along."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Row = dict[str, Any]

# As the ledger was made in this version; what the program makes later must not change what was made then.
AUTHOR = "author of the comment"
BEGINNING = "0" * 64
SAID = ("author", "email", "website", "text", "official")
PLACED = ("tid", "parent", "created")
COVERED = ("id", "comment", "at", "who", "what", "reason", "note", "before", "after", "edition", "digest")

metadata = sa.MetaData(naming_convention={"ck": "%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

LIMITS = {
    "threads": {"uri": 500, "title": 1000},
    "comments": {
        "author": 200,
        "email": 254,
        "website": 300,
        "text": 65_535,
        "official": 200,
        "sender": 64,
        "token": 64,
        "source": 100,
        "renderer": 80,
    },
    "accounts": {"email": 254, "name": 200, "title": 200},
    "sign_in_links": {"token": 64},
}
"""Characters that a column of a table from before may hold; checks, because SQLite knows no other limit."""

TEXTS = {
    "editions": {"author": 200, "email": 254, "website": 300, "text": 65_535, "official": 200, "salt": 32},
    "ledger": {"who": 254, "what": 20, "reason": 40, "note": 10_000, "before": 12, "after": 12, "digest": 64},
    "outbox": {"kind": 40, "recipient": 254, "subject": 300, "body": 65_535, "message_id": 200, "error": 500},
}
NEEDED = {
    "editions": ("text", "salt"),
    "ledger": ("who", "what", "after", "hash"),
    "outbox": ("kind", "recipient", "subject", "body", "message_id"),
}


def _text(table: str, name: str, most: int, **more: Any) -> sa.Column[str]:
    check = sa.CheckConstraint(f"length({name}) <= {most}", name=f"{name}_length")
    return sa.Column(name, sa.String(most), check, nullable=name not in NEEDED[table], **more)


def _texts(table: str, *names: str) -> list[sa.Column[str]]:
    return [_text(table, name, TEXTS[table][name]) for name in names]


# What the new tables point at; made by the version before.
sa.Table("comments", metadata, sa.Column("id", Id, primary_key=True))

editions = sa.Table(
    "editions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", Id, sa.ForeignKey("comments.id"), nullable=False, index=True),
    *_texts("editions", "author", "email", "website", "text", "official", "salt"),
    sqlite_autoincrement=True,
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("comment", Id, sa.ForeignKey("comments.id"), nullable=False, index=True),
    sa.Column("at", sa.Float(53), nullable=False),
    *_texts("ledger", "who", "what", "reason", "note", "before", "after"),
    sa.Column("edition", Id),
    *_texts("ledger", "digest"),
    _text("ledger", "hash", 64),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True),
    *_texts("outbox", "kind", "recipient", "subject", "body"),
    sa.Column("comment", Id, sa.ForeignKey("comments.id"), index=True),
    _text("outbox", "message_id", 200, unique=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("due", sa.Float(53), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done", sa.Float(53)),
    *_texts("outbox", "error"),
    sa.CheckConstraint("state IN ('waiting', 'sent', 'failed', 'closed')", name="known_state"),
    sa.Index("outbox_by_state", "state", "due"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Rebuild the tables, then tell in the new ledger all that the old one told, and what went before it."""
    connection = op.get_bind()
    decisions, counted = _old_decisions(connection), _counted(connection)
    if connection.dialect.name == "sqlite":
        for name in ("ledger_no_update", "ledger_no_delete", "comments_no_delete"):
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
    op.drop_table("ledger")
    _alter_threads()
    _alter_comments()
    _alter("accounts")
    _alter("sign_in_links")
    _count_on(connection, counted)
    metadata.create_all(connection, tables=[editions, ledger, outbox], checkfirst=False)
    _tell(connection, decisions)
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def _alter_threads() -> None:
    with _batch("threads") as batch:
        batch.drop_column("stale")
        _limit(batch, "threads")


def _alter_comments() -> None:
    for name in ("thread", "state", "root"):
        op.drop_index(f"comments_by_{name}", "comments")
    with _batch("comments") as batch:
        batch.add_column(sa.Column("source", sa.String(100)))
        batch.add_column(sa.Column("html", sa.Text))
        batch.add_column(sa.Column("renderer", sa.String(80)))
        batch.create_unique_constraint("comments_source_key", ["source"])
        batch.alter_column("text", type_=sa.String(65_535), existing_type=sa.Text, existing_nullable=False)
        batch.drop_constraint("known_state", type_="check")
        batch.create_check_constraint(
            op.f("comments_known_state"), "state IN ('pending', 'published', 'declined', 'hidden', 'disposed')"
        )
        _limit(batch, "comments")
    op.create_index("comments_by_thread", "comments", ["tid", "state"])
    op.create_index("comments_by_state", "comments", ["state", "id"])
    op.create_index("comments_by_root", "comments", ["root", "state"])
    op.create_index("comments_by_parent", "comments", ["parent", "state"])
    op.create_index("comments_by_email", "comments", [sa.text("lower(email)"), "id"])


def _alter(table: str) -> None:
    with _batch(table) as batch:
        _limit(batch, table)


def _batch(table: str) -> Any:
    kwargs = {} if table == "sign_in_links" else {"sqlite_autoincrement": True}
    return op.batch_alter_table(table, table_kwargs=kwargs)


def _counted(connection: sa.Connection) -> dict[str, int]:
    """The highest number that each table ever gave: SQLite forgets it with the old table."""
    if connection.dialect.name != "sqlite":
        return {}
    return {row.name: row.seq for row in connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")}


def _count_on(connection: sa.Connection, counted: dict[str, int]) -> None:
    for name in counted.keys() & {"threads", "comments", "accounts"}:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        new = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
        connection.execute(new, {"name": name, "seq": counted[name]})


def _limit(batch: Any, table: str) -> None:
    for name, most in LIMITS[table].items():
        batch.create_check_constraint(op.f(f"{table}_{name}_length"), f"length({name}) <= {most}")


def _old_decisions(connection: sa.Connection) -> list[Row]:
    old = connection.execute(sa.text("SELECT * FROM ledger ORDER BY id")).mappings()
    return [dict(row) | {name: _parsed(row[name]) for name in ("before", "after")} for row in old]


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _tell(connection: sa.Connection, decisions: list[Row]) -> None:
    """Each comment's arrival, then what was decided, in the order in which it happened to that comment."""
    hash = BEGINNING
    current: dict[int, tuple[int, str]] = {}
    for number, (event, said) in enumerate(_events(connection, decisions), 1):
        comment = event["comment"]
        if said is not None:
            current[comment] = _keep(connection, comment, said)
        edition, its_digest = current[comment]
        row = event | {"id": number, "edition": edition, "digest": its_digest}
        hash = _chained(hash, row)
        connection.execute(ledger.insert().values(row | {"hash": hash}))


def _keep(connection: sa.Connection, comment: int, said: Row) -> tuple[int, str]:
    # Reproducible: the same database gives the same chain whenever it is brought up to date.
    edition = {name: said[name] for name in SAID} | {"salt": _digest(said | {"salt": str(comment)})[:32]}
    new = editions.insert().values(comment=comment, **edition).returning(editions.c.id)
    return connection.execute(new).scalar_one(), _digest({**said, **edition})


def _digest(edition: Row) -> str:
    return _sha256([edition["salt"], *(edition[name] for name in (*SAID, *PLACED))])


def _chained(previous: str, row: Row) -> str:
    return _sha256([previous, *(row[name] for name in COVERED)])


def _sha256(values: list[Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _events(connection: sa.Connection, decisions: list[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Rows of the new ledger without id and hash, each with what the comment said from then on if that is new."""
    columns = ", ".join(("id", "state", *PLACED, *SAID))
    comments = connection.execute(sa.text(f"SELECT {columns} FROM comments ORDER BY id")).mappings()  # noqa: S608
    by_comment: dict[int, list[Row]] = {}
    for decision in decisions:
        by_comment.setdefault(decision["comment"], []).append(decision)
    for comment in comments:
        its = by_comment.get(comment["id"], [])
        yield from _arrival(comment, its)
        for decision in its:
            if decision["before"] is not None:
                yield _decided(decision), _said(comment, decision["after"]) if decision["what"] == "edited" else None


def _arrival(comment: Any, decisions: list[Row]) -> Iterator[tuple[Row, Row]]:
    first = decisions[0] if decisions else None
    if first and first["before"] is None:  # an official reply: its first row tells of its arrival
        yield _decided(first), _said(comment, first["after"])
        return
    edited = next((row for row in decisions if row["what"] == "edited"), None)
    state = first["before"]["state"] if first else comment["state"]
    event = {
        "comment": comment["id"],
        "at": comment["created"],
        "who": AUTHOR,
        "what": "received",
        "reason": None,
        "note": None,
        "before": None,
        "after": state,
    }
    yield event, _said(comment, edited["before"] if edited else comment)


def _said(comment: Any, snapshot: Any) -> Row:
    """What a comment said, of which the first release kept name, text and office in its ledger, and where it stands."""
    kept = {name: snapshot[name] for name in ("author", "text", "official")}
    return {name: comment[name] for name in (*SAID, *PLACED)} | kept


def _decided(decision: Row) -> Row:
    kept = {name: decision[name] for name in ("comment", "at", "who", "what", "reason", "note")}
    states = {name: decision[name]["state"] if decision[name] else None for name in ("before", "after")}
    return kept | states


_REFUSE = "BEGIN SELECT RAISE(ABORT, '{} rows are kept as they are'); END"
_NOT_DISPOSED = "(SELECT state FROM comments WHERE id = OLD.comment) <> 'disposed'"
_THERE = "EXISTS (SELECT 1 FROM {} WHERE id = NEW.id)"

SQLITE = [
    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
    f"{'WHEN ' + when.format(table) if when else ''} {_REFUSE.format(table)}"
    for table, verb, when in (
        ("ledger", "UPDATE", ""),
        ("ledger", "DELETE", ""),
        ("ledger", "INSERT", _THERE),  # INSERT OR REPLACE removes a row without asking the others
        ("comments", "DELETE", ""),
        ("comments", "INSERT", _THERE),
        ("editions", "UPDATE", ""),
        ("editions", "INSERT", _THERE),
        ("editions", "DELETE", _NOT_DISPOSED),
    )
]

POSTGRESQL = [
    "CREATE FUNCTION kept_as_it_is() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '%% rows are kept as they are', TG_TABLE_NAME; END $$",
    "CREATE FUNCTION kept_unless_disposed() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN IF {_NOT_DISPOSED} THEN RAISE EXCEPTION 'editions rows are kept as they are'; END IF; "
    "RETURN OLD; END $$",
    *(
        f"CREATE TRIGGER {table}_no_{name} BEFORE {verbs} ON {table} FOR EACH {each} EXECUTE FUNCTION kept_as_it_is()"
        for table, name, verbs, each in (
            ("ledger", "change", "UPDATE OR DELETE", "ROW"),
            ("ledger", "truncate", "TRUNCATE", "STATEMENT"),
            ("comments", "delete", "DELETE", "ROW"),
            ("comments", "truncate", "TRUNCATE", "STATEMENT"),
            ("editions", "update", "UPDATE", "ROW"),
            ("editions", "truncate", "TRUNCATE", "STATEMENT"),
        )
    ),
    "CREATE TRIGGER editions_no_delete BEFORE DELETE ON editions FOR EACH ROW EXECUTE FUNCTION kept_unless_disposed()",
]
