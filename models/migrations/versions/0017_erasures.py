"""Erasure of one borrower: what may be empty then, and the receipts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations import words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
GONE = (
    *(("borrowers", "debtor_ref"), ("borrowers", "name"), ("cases", "debt_ref")),
    *(("places", "position"), ("payments", "reference")),
)
ERASED = (
    "(erased_at IS NULL AND name IS NOT NULL AND debtor_ref IS NOT NULL) OR "
    "(erased_at IS NOT NULL AND phone_digest IS NULL AND coalesce(name, debtor_ref, "
    "phone, employment, household_size, ability_to_pay, willingness_to_pay) IS NULL)"
)


def upgrade() -> None:
    """Older programs empty no column; what is erased they cannot write over."""
    op.add_column("borrowers", sa.Column("erased_at", INSTANT, nullable=True))
    for table, column in GONE:
        words.optional(table, column)
    words.add_check("borrowers", "erased", ERASED)
    op.create_table(
        "erasures",
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("kept", JSON, nullable=False),
        sa.Column("called_off", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_erasures_{column}")
            )
            for column, table in (
                *(("borrower_id", "borrowers"), ("asked_by", "users")),
                ("organisation_id", "organisations"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("borrower_id", name=op.f("uq_erasures_borrower_id")),
    )
    op.create_index(
        op.f("ix_erasures_organisation_id"), "erasures", ["organisation_id"]
    )
    _guard()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER erasures_append_only_{event.lower()} "
                f"BEFORE {event} ON erasures "
                "BEGIN SELECT RAISE(ABORT, 'erasures is append-only'); END"
            )
        return
    for name, what, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER erasures_{name} BEFORE {what} ON erasures "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo, where nobody was erased: an older program needs every name."""
    erased = "SELECT 1 FROM borrowers WHERE erased_at IS NOT NULL LIMIT 1"
    if op.get_bind().exec_driver_sql(erased).first() is not None:
        raise RuntimeError("somebody was erased: there is no way back before that")
    op.drop_table("erasures")
    words.drop_check("borrowers", "erased", ERASED)
    for table, column in GONE:
        words.required(table, column)
    op.drop_column("borrowers", "erased_at")
