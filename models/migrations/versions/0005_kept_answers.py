"""Answers kept for POSTs that are sent again with the same ``Idempotency-Key``."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table of its own: older programs know nothing of it and miss nothing."""
    op.create_table(
        "kept_answers",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_kept_answers_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_kept_answers_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answers")),
        sa.UniqueConstraint(
            "user_id", "key_digest", name=op.f("uq_kept_answers_user_id_key_digest")
        ),
    )
    for column in ("created_at", "organisation_id"):
        name = op.f(f"ix_kept_answers_{column}")
        op.create_index(name, "kept_answers", [column], unique=False)


def downgrade() -> None:
    """Undo: what was kept for a repeat is forgotten."""
    op.drop_table("kept_answers")
