"""Photos on badges, sealed.

A table of its own and a column that may be empty, so that older programs go on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both."""
    op.create_table(
        "badge_photos",
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badges.id"], name=op.f("fk_badge_photos_badge_id")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["users.id"], name=op.f("fk_badge_photos_set_by")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_badge_photos_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_photos")),
        sa.UniqueConstraint("badge_id", name=op.f("uq_badge_photos_badge_id")),
    )
    op.create_index(
        op.f("ix_badge_photos_organisation_id"), "badge_photos", ["organisation_id"]
    )
    op.add_column("badges", sa.Column("photo_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("badges", "photo_id")
    op.drop_table("badge_photos")
