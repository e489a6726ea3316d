"""Families of refresh tokens: a log-in session counts its refreshes.

Added with a default, so that older programs go on beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """What was opened before has had no refresh yet."""
    generation = sa.Column(
        "generation", sa.Integer(), nullable=False, server_default="0"
    )
    op.add_column("login_sessions", generation)
    op.add_column("login_sessions", sa.Column("minted_at", INSTANT))
    op.add_column("login_sessions", sa.Column("renewed_at", INSTANT))


def downgrade() -> None:
    """Undo."""
    for column in ("renewed_at", "minted_at", "generation"):
        op.drop_column("login_sessions", column)
