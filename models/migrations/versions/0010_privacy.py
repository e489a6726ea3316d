"""Who read a borrower's file, and holds: a borrower who is to be left alone."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Two tables; the first is append-only."""
    op.create_table(
        "access_records",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(length=60), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *_tenant("access_records"),
        *_refers("access_records", user_id="users", case_id="cases"),
    )
    _index("access_records", "organisation_id")
    _index("access_records", "user_id")
    _index("access_records", "organisation_id", "case_id", "id")
    op.create_table(
        "borrower_holds",
        sa.Column("borrower_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at",
            name=op.f("ck_borrower_holds_span"),
        ),
        *_tenant("borrower_holds"),
        *_refers("borrower_holds", borrower_id="borrowers", case_id="cases"),
        *_refers("borrower_holds", recorded_by="users", ended_by="users"),
    )
    for column in ("organisation_id", "borrower_id", "case_id"):
        _index("borrower_holds", column)
    _guard("access_records")


def _tenant(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *_refers(table, organisation_id="organisations"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _refers(table: str, **columns: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}")
        )
        for column, other in columns.items()
    ]


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_append_only_{event.lower()} "
                f"BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    for name, what, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {what} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo; holds and the record of reading are gone."""
    op.drop_table("borrower_holds")
    op.drop_table("access_records")
