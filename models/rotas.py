"""Rotas: layers of people who take turns at being on call, and overrides above them."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Instant, Tenant

STANDING = text("standing")
A_MINUTE = "BETWEEN 0 AND 1439"


class Rota(Tenant, Base):
    """Who is on call, in the local time of ``time_zone``.

    ``standing``: the one that answers where a step names no other; at most one of an
    organisation.
    """

    __tablename__ = "rotas"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index(
            "uq_rotas_one_standing",
            "organisation_id",
            unique=True,
            sqlite_where=STANDING,
            postgresql_where=STANDING,
        ),
    )

    name: Mapped[str] = mapped_column(String(80))
    time_zone: Mapped[str] = mapped_column(String(64))
    standing: Mapped[bool]
    created_at: Mapped[Instant]

    layers: Mapped[list["RotaLayer"]] = relationship(
        lazy="selectin", order_by="RotaLayer.place", cascade="all, delete-orphan"
    )


class RotaLayer(Tenant, Base):
    """Turns of ``turn_days`` local days from ``starts_on``; place 0 is the top layer.

    Times are minutes of the local day. ``weekdays`` (their ISO digits, as "12345") with
    both hours: the only times in which it names anybody.
    """

    __tablename__ = "rota_layers"
    __table_args__ = (
        UniqueConstraint("rota_id", "place"),
        CheckConstraint(f"hand_over {A_MINUTE}", name="hand_over"),
        CheckConstraint("turn_days BETWEEN 1 AND 366", name="turn_days"),
        CheckConstraint(
            "(weekdays IS NULL) = (hours_begin IS NULL) "
            "AND (weekdays IS NULL) = (hours_end IS NULL)",
            name="hours",
        ),
        CheckConstraint(
            f"hours_begin {A_MINUTE} AND hours_end {A_MINUTE}", name="hours_of_a_day"
        ),
    )

    rota_id: Mapped[UUID] = mapped_column(ForeignKey("rotas.id"))
    place: Mapped[int]
    starts_on: Mapped[date]
    hand_over: Mapped[int]
    turn_days: Mapped[int]
    weekdays: Mapped[str | None] = mapped_column(String(7))
    hours_begin: Mapped[int | None]
    hours_end: Mapped[int | None]

    participants: Mapped[list["RotaParticipant"]] = relationship(
        lazy="selectin", order_by="RotaParticipant.place", cascade="all, delete-orphan"
    )


class RotaParticipant(Tenant, Base):
    """Somebody's place in the order of a layer's turns."""

    __tablename__ = "rota_participants"
    __table_args__ = (UniqueConstraint("layer_id", "place"),)

    layer_id: Mapped[UUID] = mapped_column(ForeignKey("rota_layers.id"))
    place: Mapped[int]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))


class RotaOverride(Tenant, Base):
    """One person takes a span, above all layers."""

    __tablename__ = "rota_overrides"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="span"),
        Index("ix_rota_overrides_rota_id_ends_at", "rota_id", "ends_at"),
    )

    rota_id: Mapped[UUID] = mapped_column(ForeignKey("rotas.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]
