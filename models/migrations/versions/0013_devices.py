"""Devices that register and can be revoked, and what a revoked one has sent.

All of it is added with defaults, so that older programs go on beside it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
PLATFORMS = "'android', 'ios', 'harmony', 'web'"
MARKED = ("watch_events", "alerts")


def upgrade() -> None:
    """Add columns; the one with a CHECK in words that both databases take."""
    op.execute(
        "ALTER TABLE devices ADD COLUMN platform VARCHAR(40) "
        f"CONSTRAINT ck_devices_platform_word CHECK (platform IN ({PLATFORMS}))"
    )
    op.add_column("devices", sa.Column("app_version", sa.String(length=40)))
    op.add_column("devices", sa.Column("push_token", sa.LargeBinary()))
    op.add_column("devices", sa.Column("revoked_at", INSTANT))
    for table in MARKED:
        op.add_column(
            table,
            sa.Column(
                "from_revoked_device",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
            ),
        )


def downgrade() -> None:
    """Undo."""
    for table in MARKED:
        op.drop_column(table, "from_revoked_device")
    for column in ("revoked_at", "push_token", "app_version"):
        op.drop_column("devices", column)
    op.execute("ALTER TABLE devices DROP COLUMN platform")
