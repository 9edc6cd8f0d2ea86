"""What Alembic runs: on the connection that `upgrade` opened, in its transaction."""

from alembic import context

from signing.storage import log_rows, rows
from signing.storage.db import Row

_TABLES = (rows, log_rows)  # imported so that `Row.metadata` knows them

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    transactional_ddl=True,
)
context.run_migrations()
