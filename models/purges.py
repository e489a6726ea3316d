"""What was purged and when, and the named holds that keep what would be."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.words import PurgeKind
from models.base import Base, Instant, Json, Tenant, Word


class NamedHold(Tenant, Base):
    """What hangs on a case or an alert is kept for a purpose that has a name."""

    __tablename__ = "named_holds"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (alert_id IS NULL)", name="subject"),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifting"),
    )

    name: Mapped[str] = mapped_column(String(60))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    placed_at: Mapped[Instant]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    lifted_at: Mapped[Instant | None]


class PurgeReceipt(Tenant, Base):
    """Append-only, in the transaction of what it tells: so many of a kind are gone.

    All that is older than ``until`` and not held; ``held``: how many each named hold
    kept, on the last row of a kind in a run.
    """

    __tablename__ = "purge_receipts"
    # no check on kind: there will be more, and SQLite changes no check
    __table_args__ = (Index(None, "organisation_id", "kind", "until"),)

    run_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[PurgeKind] = mapped_column(Word(PurgeKind))
    until: Mapped[Instant]
    count: Mapped[int]
    held: Mapped[Json]
    at: Mapped[Instant]
