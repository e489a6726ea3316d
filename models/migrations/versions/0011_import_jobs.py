"""Imports as jobs, what they changed, and what a file may say of a borrower besides.

A change keeps what it says; only its sealed words may be sealed anew under another key,
or cleared with everything about a borrower.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CIRCUMSTANCES = ("employment", "household_size", "ability_to_pay", "willingness_to_pay")
KEPT = (
    *("id", "organisation_id", "case_id", "borrower_id", "place_id", "import_id"),
    *("subject", "columns", "changed_at"),
)


def upgrade() -> None:
    """Imports of older programs are told from jobs by having no rows counted."""
    for column in (
        sa.Column("dry_run", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_line", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("format", JSON, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_by", sa.Uuid(), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
    ):
        op.add_column("imports", column)
    for name in CIRCUMSTANCES:
        op.add_column("borrowers", sa.Column(name, sa.LargeBinary(), nullable=True))
    op.add_column("places", sa.Column("row_digest", sa.String(64), nullable=True))
    _chunks()
    _changes()
    _guard()


def _tenant(table: str, *columns: sa.Column[Any]) -> list[sa.schema.SchemaItem]:
    return [
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f(f"fk_{table}_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _chunks() -> None:
    op.create_table(
        "import_chunks",
        *_tenant(
            "import_chunks",
            sa.Column("import_id", sa.Uuid(), nullable=False),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.Column("content", sa.LargeBinary(), nullable=False),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_chunks_import_id")
        ),
        sa.UniqueConstraint(
            "import_id", "number", name=op.f("uq_import_chunks_import_id_number")
        ),
    )
    op.create_index(
        op.f("ix_import_chunks_organisation_id"), "import_chunks", ["organisation_id"]
    )


def _changes() -> None:
    references = {
        "case_id": "cases",
        "borrower_id": "borrowers",
        "place_id": "places",
        "import_id": "imports",
    }
    op.create_table(
        "case_changes",
        *_tenant(
            "case_changes",
            sa.Column("case_id", sa.Uuid(), nullable=False),
            sa.Column("borrower_id", sa.Uuid(), nullable=True),
            sa.Column("place_id", sa.Uuid(), nullable=True),
            sa.Column("import_id", sa.Uuid(), nullable=False),
            sa.Column("subject", sa.String(40), nullable=False),
            sa.Column("columns", JSON, nullable=False),
            sa.Column("old", sa.LargeBinary(), nullable=True),
            sa.Column("changed_at", INSTANT, nullable=False),
        ),
        sa.CheckConstraint(
            "subject IN ('case', 'borrower', 'place')",
            name=op.f("ck_case_changes_subject_word"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_case_changes_{column}")
            )
            for column, table in references.items()
        ),
    )
    for column in ("borrower_id", "case_id", "organisation_id"):
        op.create_index(op.f(f"ix_case_changes_{column}"), "case_changes", [column])


def _guard() -> None:
    columns = ", ".join(KEPT)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER case_changes_append_only BEFORE UPDATE OF {columns} "
            "ON case_changes "
            "BEGIN SELECT RAISE(ABORT, 'case_changes is append-only'); END"
        )
        op.execute(
            "CREATE TRIGGER case_changes_append_only_delete BEFORE DELETE "
            "ON case_changes "
            "BEGIN SELECT RAISE(ABORT, 'case_changes is append-only'); END"
        )
    else:
        op.execute(
            f"CREATE TRIGGER case_changes_append_only BEFORE UPDATE OF {columns} "
            "OR DELETE ON case_changes FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo; what was changed before is not known any more."""
    op.drop_table("case_changes")
    op.drop_table("import_chunks")
    op.drop_column("places", "row_digest")
    for name in CIRCUMSTANCES:
        op.drop_column("borrowers", name)
    for name in (
        *("leased_until", "leased_by", "format", "last_line", "rows_read"),
        *("rows", "tries", "dry_run"),
    ):
        op.drop_column("imports", name)
