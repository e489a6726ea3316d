"""Named holds, and receipts of what was purged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# a record of who read what goes only where a receipt says so
RECEIPT = (
    "SELECT 1 FROM purge_receipts WHERE organisation_id = OLD.organisation_id "
    "AND kind = 'access_log' AND until > OLD.at"
)
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Two tables; the second is append-only."""
    op.create_table(
        "named_holds",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "(case_id IS NULL) <> (alert_id IS NULL)",
            name=op.f("ck_named_holds_subject"),
        ),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)",
            name=op.f("ck_named_holds_lifting"),
        ),
        *_tenant("named_holds"),
        *_refers("named_holds", case_id="cases", alert_id="alerts"),
        *_refers("named_holds", placed_by="users", lifted_by="users"),
    )
    for column in ("organisation_id", "case_id", "alert_id"):
        _index("named_holds", column)
    op.create_table(
        "purge_receipts",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("held", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *_tenant("purge_receipts"),
    )
    _index("purge_receipts", "organisation_id")
    _index("purge_receipts", "run_id")
    _index("purge_receipts", "organisation_id", "kind", "until")
    _guard("purge_receipts")
    _release()


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


def _release() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER access_records_append_only_delete")
        op.execute(
            "CREATE TRIGGER access_records_append_only_delete "
            f"BEFORE DELETE ON access_records WHEN NOT EXISTS ({RECEIPT}) "
            "BEGIN SELECT RAISE(ABORT, 'access_records is append-only'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION refuse_unreceipted() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF NOT EXISTS ({RECEIPT}) THEN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute("DROP TRIGGER access_records_append_only ON access_records")
    for name, event, function in (
        ("append_only", "UPDATE", "refuse_change"),
        ("append_only_delete", "DELETE", "refuse_unreceipted"),
    ):
        op.execute(
            f"CREATE TRIGGER access_records_{name} BEFORE {event} ON access_records "
            f"FOR EACH ROW EXECUTE FUNCTION {function}()"
        )


def _take_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER access_records_append_only_delete")
        op.execute(
            "CREATE TRIGGER access_records_append_only_delete "
            "BEFORE DELETE ON access_records "
            "BEGIN SELECT RAISE(ABORT, 'access_records is append-only'); END"
        )
        return
    for name in ("append_only", "append_only_delete"):
        op.execute(f"DROP TRIGGER access_records_{name} ON access_records")
    op.execute("DROP FUNCTION refuse_unreceipted()")
    op.execute(
        "CREATE TRIGGER access_records_append_only BEFORE UPDATE OR DELETE "
        "ON access_records FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Undo; named holds and receipts are gone."""
    _take_back()
    op.drop_table("purge_receipts")
    op.drop_table("named_holds")
