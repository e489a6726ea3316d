"""A second PIN for a collector under duress, and what became of each PIN given.

Only adds. The alerts that it can open are of kinds that older programs cannot read:
none opens before somebody has chosen a duress PIN, or while none of the new programs
has answered a phone.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations import words

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

UNJUDGED = sa.text("judged_at IS NULL AND verdict IS NOT NULL")
KINDS = ("duress", "wrong_pins")


def upgrade() -> None:
    """Columns that may be empty, words at the end, indexes over few rows."""
    for table in ("users", "former_pins"):
        op.add_column(table, sa.Column("duress_pin_hash", sa.String(length=200)))
    op.add_column("watch_events", sa.Column("verdict", sa.LargeBinary()))
    judged = sa.Column("judged_at", sa.DateTime(timezone=True))
    op.add_column("watch_events", judged)
    op.create_index(
        "ix_watch_events_unjudged",
        "watch_events",
        ["received_at"],
        sqlite_where=UNJUDGED,
        postgresql_where=UNJUDGED,
    )
    for kind in KINDS:
        for table in ("alerts", "policies"):
            words.add(table, "kind", kind)
        op.create_index(
            f"uq_alerts_one_open_{kind}",
            "alerts",
            ["user_id"],
            unique=True,
            sqlite_where=_open(kind),
            postgresql_where=_open(kind),
        )
    words.add("alert_entries", "kind", "repeated_duress")


def _open(kind: str) -> sa.TextClause:
    return sa.text(f"closed_at IS NULL AND kind = '{kind}'")


def downgrade() -> None:
    """Undo; no row may have one of the words."""
    words.take_away("alert_entries", "kind", "repeated_duress")
    for kind in reversed(KINDS):
        op.drop_index(f"uq_alerts_one_open_{kind}", "alerts")
        for table in ("policies", "alerts"):
            words.take_away(table, "kind", kind)
    op.drop_index("ix_watch_events_unjudged", "watch_events")
    for column in ("judged_at", "verdict"):
        op.drop_column("watch_events", column)
    for table in ("former_pins", "users"):
        op.drop_column(table, "duress_pin_hash")
