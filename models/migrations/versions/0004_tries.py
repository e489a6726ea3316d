"""Count tries at secrets, and remember from where people logged in: only additions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables that older programs leave alone."""
    op.create_table(
        "tries",
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("free_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_tries_counted")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tries")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_tries_key_digest")),
    )
    op.create_index(op.f("ix_tries_last_at"), "tries", ["last_at"], unique=False)
    op.create_table(
        "known_sources",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("source_digest", sa.String(length=64), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_known_sources_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_sources_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_sources")),
        sa.UniqueConstraint(
            "user_id",
            "source_digest",
            name=op.f("uq_known_sources_user_id_source_digest"),
        ),
    )
    op.create_index(
        op.f("ix_known_sources_last_at"), "known_sources", ["last_at"], unique=False
    )
    op.create_index(
        op.f("ix_known_sources_organisation_id"),
        "known_sources",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("known_sources")
    op.drop_table("tries")
