"""The outbox, its receipts and the channels that carry it."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.words import ChannelKind, Lane, MessageKind, MessageState
from models import sealed
from models.base import Base, Instant, Tenant, Word, one_of

WAITING = text("final_at IS NULL")


class MessageChannel(Tenant, Base):
    """A way out of the house; ``rank`` orders the fail-over."""

    __tablename__ = "message_channels"
    __table_args__ = (
        one_of("kind", ChannelKind),
        UniqueConstraint("organisation_id", "rank"),
    )

    kind: Mapped[ChannelKind] = mapped_column(Word(ChannelKind))
    rank: Mapped[int]
    target_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "target", sealed.Sealed
    )
    secret_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "secret", sealed.Sealed
    )
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]

    target = sealed.text("target_sealed")
    secret = sealed.text("secret_sealed")


class Message(Tenant, Base):
    """One message to one person; its id is the reference that providers see.

    ``attempt`` is the fence: a sender may record a result only for the attempt it
    leased. ``channel_rank`` is the channel to try next.
    """

    __tablename__ = "messages"
    __table_args__ = (
        one_of("lane", Lane),
        one_of("state", MessageState),
        one_of("kind", MessageKind),
        UniqueConstraint("organisation_id", "dedup_key"),
        CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)", name="lease"
        ),
        CheckConstraint(
            "(state IN ('pending', 'leased')) = (final_at IS NULL)", name="final"
        ),
        Index(
            "ix_messages_waiting",
            "lane",
            "available_at",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )

    kind: Mapped[MessageKind] = mapped_column(Word(MessageKind))
    lane: Mapped[Lane] = mapped_column(Word(Lane))
    dedup_key: Mapped[str] = mapped_column(String(160))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"), index=True)
    alert_id: Mapped[UUID | None] = mapped_column(ForeignKey("alerts.id"), index=True)
    recipient_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "recipient", sealed.Sealed
    )
    body_sealed: Mapped[sealed.Envelope | None] = mapped_column("body", sealed.Sealed)
    state: Mapped[MessageState] = mapped_column(
        Word(MessageState), default=MessageState.PENDING
    )
    channel_rank: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[Instant]
    leased_until: Mapped[Instant | None]
    attempt: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]
    final_at: Mapped[Instant | None]

    recipient = sealed.text("recipient_sealed")
    body = sealed.text("body_sealed")


class Receipt(Tenant, Base):
    """Append-only: what a channel said about one attempt."""

    __tablename__ = "receipts"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), index=True)
    attempt: Mapped[int]
    channel: Mapped[ChannelKind | None] = mapped_column(Word(ChannelKind))
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[Instant]
    at: Mapped[Instant]
