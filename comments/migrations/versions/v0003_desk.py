"""Accounts with second factors, sessions, drafts, reports, requests to look again, closed letters, search."""

import sqlite3
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

metadata = sa.MetaData(naming_convention={"ck": "%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _words(name: str, most: int, **more: Any) -> sa.Column[str]:
    limit = sa.CheckConstraint(f"length({name}) <= {most}", name=f"{name}_length")
    return sa.Column(name, sa.String(most), limit, **more)


def _one_of(name: str, values: tuple[str, ...], **more: Any) -> sa.Column[str]:
    known = ", ".join(f"'{value}'" for value in values)
    check = sa.CheckConstraint(f"{name} IN ({known})", name=f"known_{name}")
    return sa.Column(name, sa.String(12), check, nullable=False, **more)


# What the new tables point at; made by the versions before.
for _there in ("threads", "comments", "accounts"):
    sa.Table(_there, metadata, sa.Column("id", Id, primary_key=True))

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("token", 64, nullable=False, unique=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("seen", sa.Float(53), nullable=False),
    _words("how", 40, nullable=False),
    _words("agent", 300, nullable=False),
    sqlite_autoincrement=True,
)

passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    _words("credential", 1400, nullable=False, unique=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    _words("name", 100, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("used", sa.Float(53)),
    sqlite_autoincrement=True,
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    _words("code", 64, nullable=False),
    sa.Column("used", sa.Float(53)),
    sqlite_autoincrement=True,
)

challenges = sa.Table(
    "challenges",
    metadata,
    _words("token", 64, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id")),
    _words("purpose", 20, nullable=False),
    _words("value", 500, nullable=False),
    sa.Column("expires", sa.Float(53), nullable=False),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    _words("key", 64, nullable=False),
    sa.Column("at", sa.Float(53), nullable=False),
    sa.Index("attempts_by_key", "key", "at"),
    sqlite_autoincrement=True,
)

account_log = sa.Table(
    "account_log",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("at", sa.Float(53), nullable=False),
    _words("who", 254, nullable=False),
    _words("what", 40, nullable=False),
    _words("note", 500),
    sqlite_autoincrement=True,
)

drafts = sa.Table(
    "drafts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    _one_of("state", ("draft", "proposed"), server_default="draft"),
    _words("name", 200, nullable=False),
    _words("office", 200, nullable=False),
    _words("text", 10_000, nullable=False),
    sa.Column("updated", sa.Float(53), nullable=False),
    sa.Index("drafts_by_comment", "comment", "account", unique=True),
    sqlite_autoincrement=True,
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _one_of("state", ("open", "upheld", "dismissed"), server_default="open"),
    _words("reason", 40, nullable=False),
    _words("words", 2000, nullable=False),
    _words("email", 254),
    _words("sender", 64, nullable=False),
    _words("token", 64, nullable=False, unique=True),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("decided", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000),
    sa.Index("reports_by_state", "state", "id"),
    sa.Index("reports_by_sender", "sender", "created"),
    sqlite_autoincrement=True,
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _one_of("state", ("open", "changed", "upheld"), server_default="open"),
    _words("words", 2000, nullable=False),
    _words("first", 254, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("decided", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000),
    sa.Index("reviews_by_state", "state", "id"),
    sqlite_autoincrement=True,
)

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    _words("email", 254, nullable=False),
    _words("token", 64, nullable=False, unique=True),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("confirmed", sa.Float(53)),
    sa.Column("ended", sa.Float(53)),
    sqlite_autoincrement=True,
)

closures = sa.Table(
    "closures",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("thread", sa.ForeignKey("threads.id"), index=True),
    _one_of("kind", ("closed", "open"), server_default="closed"),
    sa.Column("starts", sa.Float(53), nullable=False),
    sa.Column("ends", sa.Float(53)),
    _words("notice", 500, nullable=False),
    _words("who", 254, nullable=False),
    sa.Column("lifted", sa.Float(53)),
    _words("lifted_by", 254),
    sqlite_autoincrement=True,
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("comment", sa.ForeignKey("comments.id"), primary_key=True, autoincrement=False),
    _words("month", 7, nullable=False),
    sa.Column("decided", sa.Float(53)),
    sa.Column("hours", sa.Float(53)),
    _words("outcome", 12),
    _words("reason", 40),
    sa.Column("answered", sa.Float(53)),
    sa.Index("outcomes_by_month", "month", "outcome", "reason", "answered"),
    sa.Index("outcomes_by_hours", "month", "hours"),
    sa.Index("outcomes_by_decided", "decided", "hours"),
)

positions = sa.Table(
    "positions",
    metadata,
    _words("name", 40, primary_key=True),
    sa.Column("row", sa.BigInteger, nullable=False),
)

NEW = [
    sessions,
    passkeys,
    recovery_codes,
    challenges,
    attempts,
    account_log,
    drafts,
    reports,
    reviews,
    followers,
    closures,
    outcomes,
    positions,
]

LONGER = {
    "comments": {"masked": 70_000, "fingerprint": 64},
    "editions": {"masked": 70_000},
    "accounts": {"password": 200, "totp": 300, "subject": 500},
    "outbox": {"html": 100_000, "unsubscribe": 500},
}
"""New columns of text, with their limits in characters."""

CHOSEN = {
    "accounts": {"role": ("moderator", "author", "admin"), "notices": ("hourly", "at_once", "never")},
    "sign_in_links": {"purpose": ("terminal", "invitation", "password")},
}
"""New columns that hold one of some words, the first unless another is given."""

PLAIN = {
    "comments": {"asks": "INTEGER DEFAULT '0' NOT NULL"},
    "accounts": {"totp_step": "BIGINT", "closed": "FLOAT(53)"},
}

INDEXES = [
    "CREATE INDEX comments_by_fingerprint ON comments (fingerprint) WHERE fingerprint IS NOT NULL",
    "CREATE INDEX comments_asking ON comments (state, id) WHERE asks = 1",
    "CREATE UNIQUE INDEX accounts_by_subject ON accounts (subject)",
]

SEARCH = {
    "sqlite": [
        "CREATE VIRTUAL TABLE words USING fts5(author, text, tokenize = 'unicode61 remove_diacritics 0')",
    ],
    "postgresql": [
        "CREATE TABLE words (comment BIGINT PRIMARY KEY REFERENCES comments, words TSVECTOR NOT NULL)",
        "CREATE INDEX words_by_word ON words USING gin (words)",
    ],
}

_KNOWN = "EXISTS (SELECT 1 FROM comments WHERE {0} = NEW.{0})"
_ABORT = "BEGIN SELECT RAISE(ABORT, 'comments rows are kept as they are'); END"

KEPT = {
    # REPLACE removes the row that already has a unique value, without asking the trigger on DELETE.
    "sqlite": [
        "CREATE TRIGGER comments_no_replace BEFORE INSERT ON comments "
        f"WHEN {' OR '.join(_KNOWN.format(name) for name in ('token', 'source'))} {_ABORT}",
        # Of any column: an update of the rowid, which is the id, is none of the column's.
        "CREATE TRIGGER comments_no_update_over BEFORE UPDATE ON comments WHEN "
        + " OR ".join(f"NEW.{each} IS NOT OLD.{each} AND {_KNOWN.format(each)}" for each in ("id", "token", "source"))
        + f" {_ABORT}",
        # No row of the ledger says under which letter a thread stands: it stays there.
        "CREATE TRIGGER threads_no_move BEFORE UPDATE OF id, uri ON threads "
        "BEGIN SELECT RAISE(ABORT, 'threads rows are kept as they are'); END",
    ],
    "postgresql": [
        "CREATE TRIGGER threads_no_move BEFORE UPDATE OF id, uri ON threads "
        "FOR EACH ROW EXECUTE FUNCTION kept_as_it_is()",
    ],
}

HTML = {
    # A check can't be added where the column stands: the table would be copied.
    "sqlite": [
        f"CREATE TRIGGER comments_html_length_{verb.split()[0].lower()} BEFORE {verb} ON comments "
        f"WHEN length(NEW.html) > 400000 BEGIN SELECT RAISE(ABORT, 'comments_html_length'); END"
        for verb in ("INSERT", "UPDATE OF html")
    ],
    "postgresql": ["ALTER TABLE comments ADD CONSTRAINT comments_html_length CHECK (length(html) <= 400000)"],
}


def upgrade() -> None:
    """Columns are added where they stand: nothing is copied, however many comments there are."""
    for table, texts in LONGER.items():
        for name, most in texts.items():
            _add(table, name, f"VARCHAR({most}) CONSTRAINT {table}_{name}_length CHECK (length({name}) <= {most})")
    for table, choices in CHOSEN.items():
        for name, values in choices.items():
            known = ", ".join(f"'{value}'" for value in values)
            check = f"CONSTRAINT {table}_known_{name} CHECK ({name} IN ({known}))"
            _add(table, name, f"VARCHAR(12) DEFAULT '{values[0]}' NOT NULL {check}")
    for table, columns in PLAIN.items():
        for name, kind in columns.items():
            _add(table, name, kind)
    op.execute("ALTER TABLE accounts DROP COLUMN sign_outs")
    op.execute("UPDATE accounts SET role = 'admin'")  # whoever had an account could do all that could be done
    op.execute("UPDATE comments SET asks = 1 WHERE official IS NULL AND state <> 'disposed' AND text LIKE '%?%'")
    op.execute("UPDATE comments SET html = NULL, renderer = NULL WHERE length(html) > 400000")
    for statement in (*INDEXES, *(each for part in (SEARCH, KEPT, HTML) for each in part[op.get_bind().dialect.name])):
        op.execute(statement)
    if op.get_bind().dialect.name == "sqlite" and sqlite3.sqlite_version_info >= (3, 42):
        op.execute("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
    metadata.create_all(op.get_bind(), tables=NEW, checkfirst=False)
    for name in ("search", "statistics"):
        op.execute(positions.insert().values(name=name, row=0))


def _add(table: str, name: str, kind: str) -> None:
    op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
