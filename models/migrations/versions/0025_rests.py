"""An index of what came of each attempt by channel, newest last.

Only adds. PostgreSQL lets nobody write a receipt for as long as it reads the table once.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAME = "ix_receipts_channel"


def upgrade() -> None:
    """So that a channel's last failures are found without reading all of them."""
    op.create_index(NAME, "receipts", ["channel_id", "id"])


def downgrade() -> None:
    """Undo."""
    op.drop_index(NAME, "receipts")
