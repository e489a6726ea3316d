"""Incidents, what a place is remembered for, and watches that fall due earlier there.

Only adds. Of the two new tables nothing can change but their sealed words, which may be
sealed anew under another key or cleared.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
HEAD = 10  # of an envelope: format, length of the key's id, the id
DOOR = "words"
CATEGORIES = "'threat', 'assault', 'weapon', 'held', 'robbery', 'harassment', 'animal', 'accident', 'illness', 'other'"
HARMS = "'none', 'shaken', 'injured', 'severe', 'death'"
KINDS = "'concern', 'incident', 'review', 'correction'"
LEVELS = "'normal', 'raised', 'high', 'no_visit'"


def upgrade() -> None:
    """Two tables, one column."""
    op.create_table(
        "incidents",
        sa.Column("first_id", sa.Uuid(), nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("harm", sa.String(length=40), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("attachments", JSON, nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        _check("incidents", "category_word", f"category IN ({CATEGORIES})"),
        _check("incidents", "harm_word", f"harm IN ({HARMS})"),
        _check("incidents", "correction", "(corrects_id IS NULL) = (first_id IS NULL)"),
        sa.UniqueConstraint("corrects_id", name=op.f("uq_incidents_corrects_id")),
        *_tenant("incidents"),
        *_refers("incidents", first_id="incidents", corrects_id="incidents"),
        *_refers("incidents", alert_id="alerts", visit_id="visits"),
        *_refers("incidents", place_id="places", reported_by="users"),
    )
    for column in ("organisation_id", "first_id", "alert_id", "visit_id", "place_id"):
        _index("incidents", column)
    _marks()
    _guard("incidents")
    _guard("place_marks")
    op.add_column("watches", sa.Column("at_most_s", sa.Integer(), nullable=True))


def _marks() -> None:
    op.create_table(
        "place_marks",
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=True),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint(
            "place_id", "number", name=op.f("uq_place_marks_place_id_number")
        ),
        _check("place_marks", "kind_word", f"kind IN ({KINDS})"),
        _check("place_marks", "level_word", f"level IN ({LEVELS})"),
        _check("place_marks", "span", "ends_at IS NULL OR ends_at > at"),
        _check("place_marks", "expiry", "level = 'normal' OR ends_at IS NOT NULL"),
        _check(
            "place_marks",
            "correction",
            "(kind = 'correction') = (corrects_id IS NOT NULL)",
        ),
        _check(
            "place_marks",
            "incident",
            "(kind = 'incident') = (incident_id IS NOT NULL)",
        ),
        *_tenant("place_marks"),
        *_refers("place_marks", place_id="places", corrects_id="place_marks"),
        *_refers("place_marks", incident_id="incidents", visit_id="visits"),
        *_refers("place_marks", by="users"),
    )
    for column in ("organisation_id", "corrects_id", "incident_id"):
        _index("place_marks", column)


def _check(table: str, name: str, says: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}"))


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
    """Append-only but for the sealed words."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_sqlite_door(table))
        op.execute(
            f"CREATE TRIGGER {table}_append_only_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_all_but_resealing('{DOOR}')"
    )
    op.execute(
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _sqlite_door(table: str) -> str:
    """A trigger that compares every column but one."""
    rows = op.get_bind().exec_driver_sql(f"PRAGMA table_info({table})")
    others = [row[1] for row in rows if row[1] != DOOR]
    changed = " OR ".join(f'NEW."{one}" IS NOT OLD."{one}"' for one in others)
    same_key = f"substr(NEW.{DOOR}, 1, {HEAD}) = substr(OLD.{DOOR}, 1, {HEAD})"
    return (
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
        f"WHEN OLD.{DOOR} IS NULL OR {changed} "
        f"OR (NEW.{DOOR} IS NOT NULL AND {same_key}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def downgrade() -> None:
    """Undo; what was remembered is gone."""
    op.drop_column("watches", "at_most_s")
    op.drop_table("place_marks")
    op.drop_table("incidents")
