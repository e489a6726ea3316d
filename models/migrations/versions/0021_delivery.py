"""What providers report later of a message that they took, and how they want to be told.

Only adds. An older program reads no channel of a kind that it does not know: give an
organisation one when every process is of this version.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.migrations import words

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLE = "delivery_reports"


def upgrade() -> None:
    """Columns that may be empty, and a table of its own."""
    words.add("message_channels", "kind", "sms")
    for name in ("settings", "callback_secret"):
        op.add_column("message_channels", sa.Column(name, sa.LargeBinary()))
    op.add_column("messages", sa.Column("tried", JSON))
    op.add_column("messages", sa.Column("accepted_at", INSTANT))
    key = sa.ForeignKey("message_channels.id", name=op.f("fk_receipts_channel_id"))
    op.add_column(
        "receipts", sa.Column("channel_id", sa.Uuid(), key), inline_references=True
    )
    op.add_column("receipts", sa.Column("carrier_id", sa.String(length=120)))
    op.create_index("ix_receipts_carrier", "receipts", ["channel_id", "carrier_id"])
    _reports()
    _guard()


def _reports() -> None:
    op.create_table(
        TABLE,
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('delivered', 'failed')", name=op.f(f"ck_{TABLE}_state_word")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}")
            )
            for column, table in (
                ("channel_id", "message_channels"),
                ("organisation_id", "organisations"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            *("channel_id", "carrier_id", "state"),
            name=op.f(f"uq_{TABLE}_channel_id_carrier_id_state"),
        ),
    )
    op.create_index(op.f(f"ix_{TABLE}_organisation_id"), TABLE, ["organisation_id"])


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_append_only_{event.lower()} "
                f"BEFORE {event} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        return
    for name, what, each in (
        ("append_only", "UPDATE OR DELETE", "ROW"),
        ("not_emptied", "TRUNCATE", "STATEMENT"),
    ):
        op.execute(
            f"CREATE TRIGGER {TABLE}_{name} BEFORE {what} ON {TABLE} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Undo, where no channel is of the new kind: an older program cannot read it."""
    new = "SELECT 1 FROM message_channels WHERE kind = 'sms' LIMIT 1"
    if op.get_bind().exec_driver_sql(new).first() is not None:
        raise RuntimeError("there is a channel of the kind sms")
    op.drop_table(TABLE)
    op.drop_index("ix_receipts_carrier", "receipts")
    for table, names in (
        ("receipts", ("carrier_id", "channel_id")),
        ("messages", ("accepted_at", "tried")),
        ("message_channels", ("callback_secret", "settings")),
    ):
        for name in names:
            op.drop_column(table, name)
    words.take_away("message_channels", "kind", "sms")
