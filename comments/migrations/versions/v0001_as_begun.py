"""The tables as the first release made them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

metadata = sa.MetaData()
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")

threads = sa.Table(
    "threads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("uri", sa.String(500), nullable=False, unique=True),
    sa.Column("title", sa.String(1000), nullable=False),
    sa.Column("stale", sa.Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

comments = sa.Table(
    "comments",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("tid", sa.ForeignKey("threads.id"), nullable=False),
    sa.Column("parent", sa.ForeignKey("comments.id")),
    sa.Column("root", sa.ForeignKey("comments.id")),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("modified", sa.Float),
    sa.Column("author", sa.String(200)),
    sa.Column("email", sa.String(254)),
    sa.Column("website", sa.String(300)),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("official", sa.String(200)),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("token", sa.String(64), unique=True),
    sa.Column("likes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("dislikes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("voters", sa.LargeBinary, nullable=False, server_default=""),
    sa.Column("notification", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("state IN ('pending', 'published', 'declined', 'hidden')", name="known_state"),
    sa.Index("comments_by_thread", "tid", "state", "created"),
    sa.Index("comments_by_state", "state", "created"),
    sa.Index("comments_by_sender", "sender", "created"),
    sa.Index("comments_by_root", "root"),
    sqlite_autoincrement=True,
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("sign_outs", sa.Integer, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("used", sa.Float),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("comment", sa.ForeignKey("comments.id"), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("who", sa.String(254), nullable=False),
    sa.Column("what", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("note", sa.Text),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sqlite_autoincrement=True,
)

APPEND_ONLY = [
    f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} rows are kept as they are'); END"
    for table, verb in (("ledger", "update"), ("ledger", "delete"), ("comments", "delete"))
]


def upgrade() -> None:
    """Make them."""
    metadata.create_all(op.get_bind(), checkfirst=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in APPEND_ONLY:
            op.execute(statement)
