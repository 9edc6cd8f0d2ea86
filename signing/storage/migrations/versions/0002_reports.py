"""A party's key may be reported as compromised: the report, sealed, beside the party."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward; there is no way back: restore a backup instead."""
    op.add_column("parties", sa.Column("report", sa.LargeBinary(), nullable=True))
