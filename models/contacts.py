"""The contact ledger: one list of all visits, calls and messages."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.words import Channel, ContactKind, Outcome
from models.base import Base, Digest, Instant, Json, Tenant, Word, one_of


class Contact(Tenant, Base):
    """One contact with a borrower and the decision that allowed it.

    The digests of the creditor's references let caps sum over all its agencies.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("kind", ContactKind),
        Index(None, "debtor_ref_digest", "at"),
        Index(None, "case_id", "at"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"))
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditors.id"))
    debt_ref_digest: Mapped[Digest]
    debtor_ref_digest: Mapped[Digest]
    channel: Mapped[Channel] = mapped_column(Word(Channel))
    kind: Mapped[ContactKind] = mapped_column(Word(ContactKind))
    at: Mapped[Instant]
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"), index=True)
    message_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("messages.id"), index=True
    )
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    decision: Mapped[Json]
    source: Mapped[str] = mapped_column(String(40))
