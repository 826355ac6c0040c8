"""What Alembic runs: one transaction, on the connection that it is given."""

from alembic import context

from models import tables

context.configure(
    connection=context.config.attributes["connection"], target_metadata=tables.metadata()
)
with context.begin_transaction():
    context.run_migrations()
