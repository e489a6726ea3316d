"""Visits, their visitors and their append-only transitions."""

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

from core.words import VisitState
from models.base import Base, Instant, JsonList, Tenant, Word, one_of

UNDER_WAY = text("state = 'under_way'")


class Visit(Tenant, Base):
    """A planned call at a place within [planned_start, planned_end)."""

    __tablename__ = "visits"
    __table_args__ = (
        one_of("state", VisitState),
        CheckConstraint("planned_end > planned_start", name="window"),
        Index(None, "organisation_id", "planned_start"),
        Index(
            "ix_visits_under_way",
            "planned_end",
            sqlite_where=UNDER_WAY,
            postgresql_where=UNDER_WAY,
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    place_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"), index=True)
    planned_start: Mapped[Instant]
    planned_end: Mapped[Instant]
    state: Mapped[VisitState] = mapped_column(
        Word(VisitState), default=VisitState.PROPOSED
    )
    obligations: Mapped[JsonList]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]

    visitors: Mapped[list["Visitor"]] = relationship(
        lazy="raise", order_by="Visitor.id"
    )


class Visitor(Tenant, Base):
    """One collector of a visit.

    Planned spans of a user's active rows never overlap: an exclusion constraint on
    PostgreSQL, triggers on SQLite (first migration). ``planned_start`` and
    ``planned_end`` repeat the visit's for that constraint.
    """

    __tablename__ = "visitors"
    __table_args__ = (
        UniqueConstraint("visit_id", "user_id"),
        CheckConstraint("planned_end > planned_start", name="window"),
        Index(None, "user_id", "planned_start"),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visits.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    badge_id: Mapped[UUID] = mapped_column(ForeignKey("badges.id"))
    planned_start: Mapped[Instant]
    planned_end: Mapped[Instant]
    active: Mapped[bool] = mapped_column(default=True)
    departed_at: Mapped[Instant | None]
    buddy_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class VisitTransition(Tenant, Base):
    """Append-only: how a visit came from one state or window to the next."""

    __tablename__ = "visit_transitions"

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visits.id"), index=True)
    old: Mapped[VisitState | None] = mapped_column(Word(VisitState))
    new: Mapped[VisitState] = mapped_column(Word(VisitState))
    reason: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[Instant]
