"""Rotas: who is on call when."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
STANDING = sa.text("standing")
A_MINUTE = "BETWEEN 0 AND 1439"


def upgrade() -> None:
    """Tables of their own: no older program reads or writes them."""
    _rotas()
    _layers()
    _participants()
    _overrides()


def downgrade() -> None:
    """Undo."""
    for table in ("rota_overrides", "rota_participants", "rota_layers", "rotas"):
        op.drop_table(table)


def _table(name: str, *of_its_own: sa.schema.SchemaItem, **keys: str) -> None:
    """A tenant's table; ``keys`` are its columns that name rows of other tables."""
    op.create_table(
        name,
        *of_its_own,
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in keys),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}")
            )
            for column, table in {**keys, "organisation_id": "organisations"}.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_organisation_id"), name, ["organisation_id"])


def _rotas() -> None:
    _table(
        "rotas",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.UniqueConstraint(
            "organisation_id", "name", name=op.f("uq_rotas_organisation_id_name")
        ),
    )
    op.create_index(
        "uq_rotas_one_standing",
        "rotas",
        ["organisation_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _layers() -> None:
    _table(
        "rota_layers",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("hand_over", sa.Integer(), nullable=False),
        sa.Column("turn_days", sa.Integer(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=True),
        sa.Column("hours_begin", sa.Integer(), nullable=True),
        sa.Column("hours_end", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            f"hand_over {A_MINUTE}", name=op.f("ck_rota_layers_hand_over")
        ),
        sa.CheckConstraint(
            "turn_days BETWEEN 1 AND 366", name=op.f("ck_rota_layers_turn_days")
        ),
        sa.CheckConstraint(
            "(weekdays IS NULL) = (hours_begin IS NULL) "
            "AND (weekdays IS NULL) = (hours_end IS NULL)",
            name=op.f("ck_rota_layers_hours"),
        ),
        sa.CheckConstraint(
            f"hours_begin {A_MINUTE} AND hours_end {A_MINUTE}",
            name=op.f("ck_rota_layers_hours_of_a_day"),
        ),
        sa.UniqueConstraint(
            "rota_id", "place", name=op.f("uq_rota_layers_rota_id_place")
        ),
        rota_id="rotas",
    )


def _participants() -> None:
    _table(
        "rota_participants",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "layer_id", "place", name=op.f("uq_rota_participants_layer_id_place")
        ),
        layer_id="rota_layers",
        user_id="users",
    )


def _overrides() -> None:
    _table(
        "rota_overrides",
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_rota_overrides_span")),
        rota_id="rotas",
        user_id="users",
        made_by="users",
    )
    op.create_index(
        "ix_rota_overrides_rota_id_ends_at", "rota_overrides", ["rota_id", "ends_at"]
    )
