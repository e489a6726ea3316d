"""Sealed words of append-only rows may be sealed anew under another key, or cleared.

Nothing else of such a row can change, and no row can be deleted, as before.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DOORS = {"alert_entries": "words", "badge_transitions": "reason"}
HEAD = 10  # format, length of the key's id, the id: see core.keyring

POSTGRESQL_DOOR = f"""
CREATE FUNCTION refuse_all_but_resealing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    door text := TG_ARGV[0];
    was text := to_jsonb(OLD) ->> door;
    becomes text := to_jsonb(NEW) ->> door;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - door = to_jsonb(OLD) - door
        AND was IS NOT NULL
        AND (becomes IS NULL OR left(becomes, {2 + 2 * HEAD}) <> left(was, {2 + 2 * HEAD}))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    """Open the narrow door."""
    if op.get_bind().dialect.name == "sqlite":
        for table, door in DOORS.items():
            op.execute(f"DROP TRIGGER {table}_append_only_update")
            op.execute(sqlite_door(table, door))
        return
    op.execute(POSTGRESQL_DOOR)
    for table, door in DOORS.items():
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_all_but_resealing('{door}')"
        )


def sqlite_door(table: str, door: str) -> str:
    """A trigger that compares every column but one."""
    rows = op.get_bind().exec_driver_sql(f"PRAGMA table_info({table})")
    others = [row[1] for row in rows if row[1] != door]
    changed = " OR ".join(f'NEW."{one}" IS NOT OLD."{one}"' for one in others)
    same_key = f"substr(NEW.{door}, 1, {HEAD}) = substr(OLD.{door}, 1, {HEAD})"
    return (
        f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
        f"WHEN OLD.{door} IS NULL OR {changed} "
        f"OR (NEW.{door} IS NOT NULL AND {same_key}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def downgrade() -> None:
    """Close it."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in DOORS:
        if sqlite:
            op.execute(f"DROP TRIGGER {table}_append_only_update")
            op.execute(
                f"CREATE TRIGGER {table}_append_only_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        else:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
    if not sqlite:
        op.execute("DROP FUNCTION refuse_all_but_resealing()")
