"""Which programs may serve this database: old and new ones side by side.

A migration that only adds leaves ``oldest_program`` alone; one that takes something
away sets it to its own revision, and older programs then refuse to serve.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every program since the first may go on."""
    op.add_column(
        "installation",
        sa.Column(
            "oldest_program",
            sa.String(length=4),
            nullable=False,
            server_default="0001",
        ),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("installation", "oldest_program")
