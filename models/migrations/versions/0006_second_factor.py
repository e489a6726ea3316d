"""Second factors, who must have one, and messages about one's own account.

Old programs go on: they ask for no second factor until they are replaced. One that
meets a message of the new kind leaves it to a newer one.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations import words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables, two columns that nobody has to fill, one more word."""
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        *_tenant("second_factors"),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factors_user_id")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        *_tenant("recovery_codes"),
        sa.UniqueConstraint("code_digest", name=op.f("uq_recovery_codes_code_digest")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"])
    for table in ("second_factors", "recovery_codes"):
        op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
    for table, column in (
        ("organisations", "second_factor_required"),
        ("login_sessions", "enrol_only"),
    ):
        op.add_column(
            table,
            sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()),
        )
    words.add("messages", "kind", "account")


def downgrade() -> None:
    """Undo; what was told about accounts stands as a note then."""
    op.execute(
        sa.text("UPDATE messages SET kind = 'dispatcher_note' WHERE kind = 'account'")
    )
    words.take_away("messages", "kind", "account")
    op.drop_column("login_sessions", "enrol_only")
    op.drop_column("organisations", "second_factor_required")
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")


def _tenant(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f(f"fk_{table}_organisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
