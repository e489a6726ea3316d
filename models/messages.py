"""The outbox, its receipts, what providers report later, the channels that carry it."""

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

from core.provider_words import ReplyMeans, ReplyResult, Reported
from core.words import ChannelKind, Lane, MessageKind, MessageState
from models import sealed
from models.base import Base, Digest, Instant, JsonList, Tenant, Word, one_of

WAITING = text("final_at IS NULL")
REPLIABLE = text("reply_digest IS NOT NULL")
TAKEN = text("result = 'acknowledged'")


class MessageChannel(Tenant, Base):
    """A way out of the house; ``rank`` orders the fail-over.

    ``settings``: how its provider wants to be spoken to, and what it reports, as JSON.
    ``callback_secret`` is what the provider shows when it calls us.
    """

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
    settings_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "settings", sealed.Sealed
    )
    callback_secret_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "callback_secret", sealed.Sealed
    )
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[Instant]

    target = sealed.text("target_sealed")
    secret = sealed.text("secret_sealed")
    settings = sealed.text("settings_sealed")
    callback_secret = sealed.text("callback_secret_sealed")


class Message(Tenant, Base):
    """One message to one person; its id is the reference that providers see.

    ``attempt`` is the fence: a sender may record a result only for the attempt it
    leased. ``channel_rank`` is the channel to try next; ``tried`` are the ranks that
    had their turn in this round. ``accepted_at``: a provider took it and promised to
    say what became of it; until that is known it waits for its next channel.
    ``reply_digest`` is of the number that it went to and the code that takes its alert.
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
        Index(
            "ix_messages_reply",
            "reply_digest",
            sqlite_where=REPLIABLE,
            postgresql_where=REPLIABLE,
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
    tried: Mapped[JsonList | None]
    available_at: Mapped[Instant]
    accepted_at: Mapped[Instant | None]
    leased_until: Mapped[Instant | None]
    attempt: Mapped[int] = mapped_column(default=0)
    reply_digest: Mapped[Digest | None]
    created_at: Mapped[Instant]
    final_at: Mapped[Instant | None]

    recipient = sealed.text("recipient_sealed")
    body = sealed.text("body_sealed")


class Receipt(Tenant, Base):
    """Append-only: what a channel said about one attempt.

    ``carrier_id`` is what the provider calls the message that it took.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index("ix_receipts_carrier", "channel_id", "carrier_id"),
        Index("ix_receipts_channel", "channel_id", "id"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("messages.id"), index=True)
    attempt: Mapped[int]
    channel: Mapped[ChannelKind | None] = mapped_column(Word(ChannelKind))
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("message_channels.id"))
    carrier_id: Mapped[str | None] = mapped_column(String(120))
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[Instant]
    at: Mapped[Instant]


class DeliveryReport(Tenant, Base):
    """Append-only: what a provider said later, once for each message and state.

    It may come before our own receipt is written, so it names the message as the
    provider does.
    """

    __tablename__ = "delivery_reports"
    __table_args__ = (
        one_of("state", Reported),
        UniqueConstraint("channel_id", "carrier_id", "state"),
    )

    channel_id: Mapped[UUID] = mapped_column(ForeignKey("message_channels.id"))
    carrier_id: Mapped[str] = mapped_column(String(120))
    state: Mapped[Reported] = mapped_column(Word(Reported))
    at: Mapped[Instant]


class Reply(Tenant, Base):
    """Append-only: what came of an answer by SMS or by a digit; never its words.

    One code takes its alert once. ``carrier_id`` is what the provider calls the answer.
    """

    __tablename__ = "replies"
    __table_args__ = (
        one_of("means", ReplyMeans),
        one_of("result", ReplyResult),
        UniqueConstraint("channel_id", "carrier_id"),
        Index(
            "ux_replies_taken",
            "message_id",
            unique=True,
            sqlite_where=TAKEN,
            postgresql_where=TAKEN,
        ),
        Index("ix_replies_message", "message_id"),
    )

    channel_id: Mapped[UUID] = mapped_column(ForeignKey("message_channels.id"))
    carrier_id: Mapped[str | None] = mapped_column(String(120))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id"))
    means: Mapped[ReplyMeans] = mapped_column(Word(ReplyMeans))
    result: Mapped[ReplyResult] = mapped_column(Word(ReplyResult))
    at: Mapped[Instant]
