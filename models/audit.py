"""The audit: append-only rows, the chain of seals over them, and the queue between."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Identified, Instant, Json


class AuditRow(Identified, Base):
    """Who did what to which row, in ids and keyed digests; never a personal value.

    ``mac``, keyed, says that we wrote the row, whatever became of its seal.
    """

    __tablename__ = "audit_rows"
    __table_args__ = (Index(None, "organisation_id", "id"),)

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    detail: Mapped[Json]
    mac: Mapped[Digest]


class AuditPending(Base):
    """A committed audit row that no seal covers yet; the sealer removes it."""

    __tablename__ = "audit_pending"

    audit_id: Mapped[UUID] = mapped_column(
        ForeignKey("audit_rows.id"), primary_key=True
    )
    at: Mapped[Instant]


class AuditSeal(Base):
    """Link ``number`` of the chain: HMAC over the row's digest and the link before."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_rows.id"), unique=True)
    row_digest: Mapped[Digest]
    chain: Mapped[Digest]
    sealed_at: Mapped[Instant]
