"""Webhooks: where events are sent, and each event on its way there."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.words import Audience, DeliveryState
from models import sealed
from models.base import Base, Instant, JsonList, Tenant, Word, one_of

WAITING = text("final_at IS NULL")


class Webhook(Tenant, Base):
    """An address that is sent events of ``types``; an empty list means all.

    ``position`` is the number of the last link of the audit's chain that was looked
    at. ``rests_until``: nobody answered there; ``silent_since`` then.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        one_of("audience", Audience),
        CheckConstraint(
            "(old_secret IS NULL) = (old_secret_until IS NULL)", name="old_secret"
        ),
    )

    url_sealed: Mapped[sealed.Envelope] = mapped_column("url", sealed.Sealed)
    secret_sealed: Mapped[sealed.Envelope] = mapped_column("secret", sealed.Sealed)
    old_secret_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "old_secret", sealed.Sealed
    )
    old_secret_until: Mapped[Instant | None]
    types: Mapped[JsonList]
    audience: Mapped[Audience] = mapped_column(Word(Audience))
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_for: Mapped[str | None] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(BigInteger)
    silent_since: Mapped[Instant | None]
    rests_until: Mapped[Instant | None]
    created_at: Mapped[Instant]

    url = sealed.text("url_sealed")
    secret = sealed.text("secret_sealed")
    old_secret = sealed.text("old_secret_sealed")


class WebhookDelivery(Tenant, Base):
    """One event for one webhook; ``number`` is its place in the audit's chain.

    Those of one ``about`` (subject and its id) go strictly in the order of numbers.
    ``attempt`` is the fence: a sender records only the attempt that it leased.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("state", DeliveryState),
        UniqueConstraint("webhook_id", "number"),
        CheckConstraint(
            "(state = 'leased') = (leased_until IS NOT NULL)", name="lease"
        ),
        CheckConstraint("(state = 'delivered') = (final_at IS NOT NULL)", name="final"),
        Index(
            "ix_webhook_deliveries_waiting",
            "webhook_id",
            "about",
            "number",
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
        Index(None, "final_at"),
    )

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id"))
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("audit_rows.id"))
    number: Mapped[int] = mapped_column(BigInteger)
    about: Mapped[str] = mapped_column(String(80))
    state: Mapped[DeliveryState] = mapped_column(
        Word(DeliveryState), default=DeliveryState.PENDING
    )
    available_at: Mapped[Instant]
    leased_until: Mapped[Instant | None]
    attempt: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[Instant | None]
    status: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(60))
    tried_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    final_at: Mapped[Instant | None]
