"""What befell our own people, and what a place is remembered for."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.words import Harm, IncidentCategory, MarkKind, RiskLevel
from models import sealed
from models.base import Base, Instant, JsonList, Tenant, Word, one_of


class Incident(Tenant, Base):
    """Append-only: something happened to one of our own, in words of who reports it.

    A correction is a whole new row that names the one it replaces, and the first of all
    its versions. ``attachments`` are SHA-256 and bytes of files that the organisation
    keeps itself.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        one_of("category", IncidentCategory),
        one_of("harm", Harm),
        CheckConstraint(
            "(corrects_id IS NULL) = (first_id IS NULL)", name="correction"
        ),
        UniqueConstraint("corrects_id"),
    )

    first_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("incidents.id"), index=True
    )
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"))
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"), index=True)
    category: Mapped[IncidentCategory] = mapped_column(Word(IncidentCategory))
    harm: Mapped[Harm] = mapped_column(Word(Harm))
    happened_at: Mapped[Instant]
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)
    attachments: Mapped[JsonList]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reported_at: Mapped[Instant]

    words = sealed.text("words_sealed")


class PlaceMark(Tenant, Base):
    """Append-only: how careful one has to be at a place from ``at`` until ``ends_at``.

    Which level is in force follows from all marks of a place (``gate.risk``), in the
    order of their ``number``. ``by`` is for safety officers' eyes.
    """

    __tablename__ = "place_marks"
    __table_args__ = (
        one_of("kind", MarkKind),
        one_of("level", RiskLevel),
        UniqueConstraint("place_id", "number"),
        CheckConstraint("ends_at IS NULL OR ends_at > at", name="span"),
        CheckConstraint("level = 'normal' OR ends_at IS NOT NULL", name="expiry"),
        CheckConstraint(
            "(kind = 'correction') = (corrects_id IS NOT NULL)", name="correction"
        ),
        CheckConstraint(
            "(kind = 'incident') = (incident_id IS NOT NULL)", name="incident"
        ),
    )

    place_id: Mapped[UUID] = mapped_column(ForeignKey("places.id"))
    number: Mapped[int]
    kind: Mapped[MarkKind] = mapped_column(Word(MarkKind))
    level: Mapped[RiskLevel] = mapped_column(Word(RiskLevel))
    at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    corrects_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("place_marks.id"), index=True
    )
    incident_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("incidents.id"), index=True
    )
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"))
    by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)

    words = sealed.text("words_sealed")
