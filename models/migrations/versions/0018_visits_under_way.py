"""An index of the visits under way, by when they were to end.

Only adds. PostgreSQL lets nobody change a visit for as long as it reads the table once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NAME = "ix_visits_under_way"
UNDER_WAY = sa.text("state = 'under_way'")


def upgrade() -> None:
    """Few rows at any time, of a table that only grows."""
    op.create_index(
        NAME,
        "visits",
        ["planned_end"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )


def downgrade() -> None:
    """Undo."""
    op.drop_index(NAME, "visits")
