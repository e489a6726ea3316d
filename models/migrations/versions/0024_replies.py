"""Calls, and what came of answers by SMS or by a digit.

Only adds. An older program reads no channel of a kind that it does not know: give an
organisation one when every process is of this version.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations import words

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
WORD = sa.String(length=40)
TABLE = "replies"
RESULTS = (
    "acknowledged", "spent", "closed", "not_allowed", "wrong_code", "no_code", "wait",
)  # fmt: skip
REPLIABLE = sa.text("reply_digest IS NOT NULL")
TAKEN = sa.text("result = 'acknowledged'")


def upgrade() -> None:
    """A column that may be empty, and a table of its own."""
    words.add("message_channels", "kind", "voice")
    op.add_column("messages", sa.Column("reply_digest", sa.String(length=64)))
    op.create_index(
        "ix_messages_reply",
        "messages",
        ["reply_digest"],
        sqlite_where=REPLIABLE,
        postgresql_where=REPLIABLE,
    )
    _replies()
    _guard()


def _replies() -> None:
    results = ", ".join(f"'{one}'" for one in RESULTS)
    op.create_table(
        TABLE,
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("carrier_id", sa.String(length=120), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("means", WORD, nullable=False),
        sa.Column("result", WORD, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "means IN ('sms', 'digit')", name=op.f(f"ck_{TABLE}_means_word")
        ),
        sa.CheckConstraint(
            f"result IN ({results})", name=op.f(f"ck_{TABLE}_result_word")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_{TABLE}_{column}")
            )
            for column, table in (
                ("channel_id", "message_channels"),
                ("message_id", "messages"),
                ("organisation_id", "organisations"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint(
            *("channel_id", "carrier_id"),
            name=op.f(f"uq_{TABLE}_channel_id_carrier_id"),
        ),
    )
    op.create_index(op.f(f"ix_{TABLE}_organisation_id"), TABLE, ["organisation_id"])
    op.create_index("ix_replies_message", TABLE, ["message_id"])
    op.create_index(
        "ux_replies_taken",
        TABLE,
        ["message_id"],
        unique=True,
        sqlite_where=TAKEN,
        postgresql_where=TAKEN,
    )


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
    new = "SELECT 1 FROM message_channels WHERE kind = 'voice' LIMIT 1"
    if op.get_bind().exec_driver_sql(new).first() is not None:
        raise RuntimeError("there is a channel of the kind voice")
    op.drop_table(TABLE)
    op.drop_index("ix_messages_reply", "messages")
    op.drop_column("messages", "reply_digest")
    words.take_away("message_channels", "kind", "voice")
