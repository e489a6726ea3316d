"""What our own people drive.

Only adds. Of a row nothing can change but its sealed words, as in revision 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

COLUMNS = ("id", "organisation_id", "user_id", "set_by", "set_at")
HEAD = 10  # of an envelope: format, length of the key's id, the id


def upgrade() -> None:
    """One table."""
    op.create_table(
        "vehicles",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{other}.id"], name=op.f(f"fk_vehicles_{column}")
            )
            for column, other in (
                ("organisation_id", "organisations"),
                ("user_id", "users"),
                ("set_by", "users"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicles")),
    )
    op.create_index(
        op.f("ix_vehicles_organisation_id"), "vehicles", ["organisation_id"]
    )
    op.create_index(op.f("ix_vehicles_user_id_id"), "vehicles", ["user_id", "id"])
    _guard()


def _guard() -> None:
    """Append-only but for the sealed words."""
    if op.get_bind().dialect.name == "sqlite":
        changed = " OR ".join(f'NEW."{one}" IS NOT OLD."{one}"' for one in COLUMNS)
        same_key = f"substr(NEW.words, 1, {HEAD}) = substr(OLD.words, 1, {HEAD})"
        for event, when in (
            (
                "UPDATE",
                f"WHEN OLD.words IS NULL OR {changed} "
                f"OR (NEW.words IS NOT NULL AND {same_key}) ",
            ),
            ("DELETE", ""),
        ):
            op.execute(
                f"CREATE TRIGGER vehicles_append_only_{event.lower()} "
                f"BEFORE {event} ON vehicles {when}"
                "BEGIN SELECT RAISE(ABORT, 'vehicles is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER vehicles_append_only BEFORE UPDATE OR DELETE ON vehicles "
        "FOR EACH ROW EXECUTE FUNCTION refuse_all_but_resealing('words')"
    )
    op.execute(
        "CREATE TRIGGER vehicles_not_emptied BEFORE TRUNCATE ON vehicles "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Undo; what they drove is gone."""
    op.drop_table("vehicles")
