"""What people tell of the site's accessibility."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

metadata = sa.MetaData(naming_convention={"ck": "%(table_name)s_%(constraint_name)s", "ix": "ix_%(column_0_label)s"})
Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _words(name: str, most: int, **more: Any) -> sa.Column[str]:
    limit = sa.CheckConstraint(f"length({name}) <= {most}", name=f"{name}_length")
    return sa.Column(name, sa.String(most), limit, **more)


feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column(
        "state",
        sa.String(12),
        sa.CheckConstraint("state IN ('open', 'handled')", name="known_state"),
        nullable=False,
        server_default="open",
    ),
    _words("words", 5000, nullable=False),
    _words("page", 500),
    _words("contact", 254),
    _words("sender", 64, nullable=False),
    sa.Column("created", sa.Float(53), nullable=False),
    sa.Column("handled", sa.Float(53)),
    _words("who", 254),
    _words("note", 2000),
    sa.Index("feedback_by_state", "state", "id"),
    sa.Index("feedback_by_sender", "sender", "created"),
    sqlite_autoincrement=True,
)

SAID = ("id", "words", "page", "contact", "sender", "created")
_REFUSE = "BEGIN SELECT RAISE(ABORT, 'feedback rows are kept as they are'); END"
_SQLITE_CHANGED = " OR ".join(["OLD.state <> 'open'", *(f"NEW.{name} IS NOT OLD.{name}" for name in SAID)])
_CHANGED = " OR ".join(["OLD.state <> 'open'", *(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SAID)])

_THERE = "EXISTS (SELECT 1 FROM feedback WHERE id = NEW.id)"

KEPT = {
    "sqlite": [
        f"CREATE TRIGGER feedback_no_delete BEFORE DELETE ON feedback {_REFUSE}",
        # REPLACE removes the row that has the number already, without asking the trigger on DELETE.
        f"CREATE TRIGGER feedback_no_insert BEFORE INSERT ON feedback WHEN {_THERE} {_REFUSE}",
        # Of any column: an update of the rowid, which is the id, is none of the column's.
        f"CREATE TRIGGER feedback_no_update BEFORE UPDATE ON feedback WHEN {_SQLITE_CHANGED} {_REFUSE}",
    ],
    "postgresql": [
        "CREATE TRIGGER feedback_no_delete BEFORE DELETE ON feedback FOR EACH ROW EXECUTE FUNCTION kept_as_it_is()",
        "CREATE TRIGGER feedback_no_truncate BEFORE TRUNCATE ON feedback "
        "FOR EACH STATEMENT EXECUTE FUNCTION kept_as_it_is()",
        f"CREATE TRIGGER feedback_no_update BEFORE UPDATE ON feedback FOR EACH ROW WHEN ({_CHANGED}) "
        "EXECUTE FUNCTION kept_as_it_is()",
    ],
}
"""What was said stays; that it is handled is said once."""


def upgrade() -> None:
    """A new table: nothing that is there is touched."""
    metadata.create_all(op.get_bind(), tables=[feedback], checkfirst=False)
    for statement in KEPT[op.get_bind().dialect.name]:
        op.execute(statement)
