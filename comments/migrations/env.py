"""How Alembic runs the versions here: on a connection that it is given, in the transaction that this is in."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
