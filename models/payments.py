"""Payments that a lender reported for a case."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Digest, Instant, Tenant


class Payment(Tenant, Base):
    """Money that the lender has received, and what was open after it.

    The creditor's own reference names it once. What it did to the case is kept, so that
    the same report gets the same answer whatever happened since.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("organisation_id", "creditor_id", "reference_digest"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("open_after_minor >= 0 AND overpaid_minor >= 0", name="rest"),
    )

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditors.id"))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    reference_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "reference", sealed.Sealed
    )
    reference_digest: Mapped[Digest]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    paid_at: Mapped[Instant]
    settles: Mapped[bool]
    open_after_minor: Mapped[int] = mapped_column(BigInteger)
    overpaid_minor: Mapped[int] = mapped_column(BigInteger)
    closes: Mapped[bool]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[Instant]

    reference = sealed.text("reference_sealed")
