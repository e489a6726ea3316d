"""Payments, what they leave open, and when a case was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Every case is open, and nothing of it paid."""
    op.create_table(
        "payments",
        sa.Column("creditor_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("reference_digest", sa.String(length=64), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_at", INSTANT, nullable=False),
        sa.Column("settles", sa.Boolean(), nullable=False),
        sa.Column("open_after_minor", sa.BigInteger(), nullable=False),
        sa.Column("overpaid_minor", sa.BigInteger(), nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payments_amount")),
        sa.CheckConstraint(
            "open_after_minor >= 0 AND overpaid_minor >= 0",
            name=op.f("ck_payments_rest"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_payments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["creditor_id"], ["creditors.id"], name=op.f("fk_payments_creditor_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_payments_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["users.id"], name=op.f("fk_payments_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "organisation_id",
            "creditor_id",
            "reference_digest",
            name=op.f("uq_payments_organisation_id_creditor_id_reference_digest"),
        ),
    )
    op.create_index(op.f("ix_payments_case_id"), "payments", ["case_id"])
    op.create_index(
        op.f("ix_payments_organisation_id"), "payments", ["organisation_id"]
    )
    nothing = sa.Column(
        "paid_minor", sa.BigInteger(), nullable=False, server_default="0"
    )
    op.add_column("cases", nothing)
    op.add_column("cases", sa.Column("closed_at", INSTANT, nullable=True))


def downgrade() -> None:
    """Undo; what was paid is gone."""
    op.drop_column("cases", "closed_at")
    op.drop_column("cases", "paid_minor")
    op.drop_table("payments")
