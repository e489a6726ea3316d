"""Invitations, reset codes and former PINs: three tables, nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
DIGEST = sa.String(length=64)
SEALED = sa.LargeBinary()


def upgrade() -> None:
    """Older programs leave them alone; a PIN that they change counts at once."""
    op.create_table(
        "invitations",
        sa.Column("login_digest", DIGEST, nullable=False),
        sa.Column("login", SEALED, nullable=True),
        sa.Column("name", SEALED, nullable=True),
        sa.Column("phone", SEALED, nullable=True),
        sa.Column("role", WORD, nullable=False),
        sa.Column("code_digest", DIGEST, nullable=False),
        sa.Column("invited_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "role IN ('collector', 'dispatcher', 'safety_officer', 'contact_desk', 'auditor', 'admin')",
            name=op.f("ck_invitations_role_word"),
        ),
        *_tenant("invitations", "user_id", "invited_by"),
        sa.UniqueConstraint("code_digest", name=op.f("uq_invitations_code_digest")),
    )
    op.create_table(
        "reset_codes",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("code_digest", DIGEST, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("valid_to", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('password', 'pin')", name=op.f("ck_reset_codes_kind_word")
        ),
        *_tenant("reset_codes", "user_id", "created_by"),
        sa.UniqueConstraint("code_digest", name=op.f("uq_reset_codes_code_digest")),
    )
    op.create_table(
        "former_pins",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        *_tenant("former_pins", "user_id"),
    )
    for table in ("invitations", "reset_codes", "former_pins"):
        op.create_index(op.f(f"ix_{table}_organisation_id"), table, ["organisation_id"])
    for table in ("reset_codes", "former_pins"):
        op.create_index(op.f(f"ix_{table}_user_id"), table, ["user_id"])


def downgrade() -> None:
    """Undo."""
    for table in ("former_pins", "reset_codes", "invitations"):
        op.drop_table(table)


def _tenant(table: str, *people: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f(f"fk_{table}_organisation_id"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["users.id"], name=op.f(f"fk_{table}_{column}")
            )
            for column in people
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
