"""Organisations (tenants), the creditors they act for, and the lists they stand on."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Identified, Instant, JsonList, Tenant


class Organisation(Identified, Base):
    """A lender or an agency. ``public_name`` is what borrowers see: no word of debt."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("fence_m >= 50", name="fence_stays_on"),
        CheckConstraint("visit_length_s BETWEEN 5 AND 14400", name="visit_length"),
        CheckConstraint("leave_now_s BETWEEN 5 AND 600", name="leave_now"),
        CheckConstraint("extension_max_s BETWEEN 5 AND 3600", name="extension_max"),
    )

    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    public_name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    fallback_phones: Mapped[JsonList]
    emergency_phone: Mapped[str] = mapped_column(String(20))
    fence_m: Mapped[int] = mapped_column(default=300)
    visit_length_s: Mapped[int] = mapped_column(default=1800)
    leave_now_s: Mapped[int] = mapped_column(default=600)
    extension_max_s: Mapped[int] = mapped_column(default=1800)
    second_factor_required: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    created_at: Mapped[Instant]


class Creditor(Tenant, Base):
    """On whose behalf a visit is made; ``code`` is the creditor's own."""

    __tablename__ = "creditors"
    __table_args__ = (UniqueConstraint("organisation_id", "code"),)

    code: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[Instant]


class CreditorListing(Tenant, Base):
    """Evidence that the organisation stands on the creditor's published list."""

    __tablename__ = "creditor_listings"
    __table_args__ = (
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="span"),
    )

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditors.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    evidence: Mapped[str] = mapped_column(String(500))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[Instant]
