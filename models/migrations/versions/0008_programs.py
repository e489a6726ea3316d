"""Which program each living process runs: a contract waits for the older ones to go."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column that older programs leave empty."""
    op.add_column(
        "process_pulses", sa.Column("program", sa.String(length=4), nullable=True)
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("process_pulses", "program")
