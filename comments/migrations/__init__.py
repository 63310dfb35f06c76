"""The database's schema, version by version (Alembic); run at start, in one transaction that nobody else is in."""

from pathlib import Path

import sqlalchemy as sa

from comments.settings import SettingsError

NEWEST = "0004"


def is_newest(connection: sa.Connection) -> bool:
    """Whether the schema is of the version that this program is made for."""
    return sa.inspect(connection).has_table("alembic_version") and version(connection) == NEWEST


def upgrade(connection: sa.Connection, to: str = NEWEST) -> bool:
    """Bring the schema to version `to`; False where it is already. SettingsError where it is newer than ours."""
    tables = sa.inspect(connection).get_table_names()
    found = version(connection) if "alembic_version" in tables else None
    if found == to:
        return False
    # Loaded here alone: most starts find the schema as it should be.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    if found is not None and found not in known:
        raise SettingsError(
            f"the database is of version {found} and this program knows up to {max(known)}: install the newer program"
        )
    if found is None and "comments" in tables:
        command.stamp(config, "0001")  # made before there were migrations
    command.upgrade(config, to)
    return True


def version(connection: sa.Connection) -> str | None:
    """The schema's version; None where the database is empty."""
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
