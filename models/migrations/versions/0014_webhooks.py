"""Webhooks out: where events are sent, and each event on its way there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
WAITING = sa.text("final_at IS NULL")


def upgrade() -> None:
    """Two tables of their own: no older program reads or writes them."""
    _webhooks()
    _deliveries()


def downgrade() -> None:
    """Undo."""
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_secret_until", INSTANT, nullable=True),
        sa.Column("types", JSON, nullable=False),
        sa.Column("audience", WORD, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_for", sa.String(length=20), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("silent_since", INSTANT, nullable=True),
        sa.Column("rests_until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "audience IN ('staff', 'safety_officers')",
            name=op.f("ck_webhooks_audience_word"),
        ),
        sa.CheckConstraint(
            "(old_secret IS NULL) = (old_secret_until IS NULL)",
            name=op.f("ck_webhooks_old_secret"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_webhooks_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index(
        op.f("ix_webhooks_organisation_id"), "webhooks", ["organisation_id"]
    )


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("available_at", INSTANT, nullable=False),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("tried_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("final_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'leased', 'delivered')",
            name=op.f("ck_webhook_deliveries_state_word"),
        ),
        sa.CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_lease"),
        ),
        sa.CheckConstraint(
            "(state = 'delivered') = (final_at IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_final"),
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook_id"),
        ),
        sa.ForeignKeyConstraint(
            ["audit_id"],
            ["audit_rows.id"],
            name=op.f("fk_webhook_deliveries_audit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_webhook_deliveries_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "webhook_id", "number", name=op.f("uq_webhook_deliveries_webhook_id_number")
        ),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_organisation_id"),
        "webhook_deliveries",
        ["organisation_id"],
    )
    op.create_index(
        op.f("ix_webhook_deliveries_final_at"), "webhook_deliveries", ["final_at"]
    )
    op.create_index(
        "ix_webhook_deliveries_waiting",
        "webhook_deliveries",
        ["webhook_id", "about", "number"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
