"""Whom a step of a policy names, beside the words of older programs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Empty where a program that does not know it has written the step."""
    op.add_column("policy_steps", sa.Column("whom", JSON, nullable=True))


def downgrade() -> None:
    """Undo: the words that stand beside it are read again."""
    op.drop_column("policy_steps", "whom")
