"""Answers kept for POSTs that may be sent again."""

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Digest, Instant, Tenant


class KeptAnswer(Tenant, Base):
    """What a user's POST with an ``Idempotency-Key`` was answered.

    Written in the transaction of its effect; ``status`` and answer are null only until
    that transaction commits. Unique: who sends the same at once waits for the first.
    """

    __tablename__ = "kept_answers"
    __table_args__ = (UniqueConstraint("user_id", "key_digest"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    key_digest: Mapped[Digest]
    request_digest: Mapped[Digest]
    status: Mapped[int | None]
    answer_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "answer", sealed.Sealed
    )
    created_at: Mapped[Instant] = mapped_column(index=True)

    answer = sealed.text("answer_sealed")
