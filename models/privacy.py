"""Who read a borrower's file, when he is left alone, and that he was erased."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Instant, Json, JsonList, Tenant


class AccessRecord(Tenant, Base):
    """Append-only: this person was shown something of this case's borrower."""

    __tablename__ = "access_records"
    __table_args__ = (Index(None, "organisation_id", "case_id", "id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    route: Mapped[str] = mapped_column(String(60))
    at: Mapped[Instant]


class BorrowerHold(Tenant, Base):
    """From when to when a borrower is left alone; kind and words are for few eyes.

    Even the kind says something about a person's health, so it is sealed as well.
    """

    __tablename__ = "borrower_holds"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="span"),
    )

    borrower_id: Mapped[UUID] = mapped_column(ForeignKey("borrowers.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    kind_sealed: Mapped[sealed.Envelope | None] = mapped_column("kind", sealed.Sealed)
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[Instant]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    kind = sealed.text("kind_sealed")
    words = sealed.text("words_sealed")


class Erasure(Tenant, Base):
    """Append-only receipt: what was erased of a borrower, in the same transaction.

    ``counts`` are rows by table, ``kept`` what the law keeps and until when;
    ``called_off``: so many planned visits.
    """

    __tablename__ = "erasures"
    __table_args__ = (UniqueConstraint("borrower_id"),)

    borrower_id: Mapped[UUID] = mapped_column(ForeignKey("borrowers.id"))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    counts: Mapped[Json]
    kept: Mapped[JsonList]
    called_off: Mapped[int]
    at: Mapped[Instant]
