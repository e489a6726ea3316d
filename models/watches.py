"""Watches, the collectors' events that move them, and their transitions."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.geo import Position
from core.words import ActResult, EventKind, Outcome, WatchKind, WatchState
from models import sealed
from models.base import Base, Digest, Instant, Tenant, Word, one_of

ARMED = text("state = 'armed'")
UNJUDGED = text("judged_at IS NULL AND verdict IS NOT NULL")


class Watch(Tenant, Base):
    """The server-side timer over one collector.

    ``due_at`` is when it expires; ``own_due_at`` what it would be without an earlier
    watch that it superseded. ``ends_by`` is the end of the lawful window. By
    ``at_most_s`` the place's memory asks for a sign of life.
    """

    __tablename__ = "watches"
    __table_args__ = (
        one_of("state", WatchState),
        one_of("kind", WatchKind),
        CheckConstraint("contact IN ('allowed', 'refused')", name="contact_word"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closing"),
        Index(
            "uq_watches_one_armed_visit",
            "user_id",
            unique=True,
            sqlite_where=text("state = 'armed' AND kind = 'visit'"),
            postgresql_where=text("state = 'armed' AND kind = 'visit'"),
        ),
        Index(
            "ix_watches_armed_due",
            "due_at",
            sqlite_where=ARMED,
            postgresql_where=ARMED,
        ),
        Index(
            "ix_watches_open",
            "user_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "visit_id", "user_id"),
    )

    kind: Mapped[WatchKind] = mapped_column(Word(WatchKind), default=WatchKind.VISIT)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visits.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    buddy_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[WatchState] = mapped_column(
        Word(WatchState), default=WatchState.ARMED
    )
    contact: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[Instant]
    due_at: Mapped[Instant]
    own_due_at: Mapped[Instant]
    ends_by: Mapped[Instant | None]
    at_most_s: Mapped[int | None]
    superseded_by: Mapped[UUID | None] = mapped_column(ForeignKey("watches.id"))
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    closed_at: Mapped[Instant | None]


class WatchTransition(Tenant, Base):
    """Append-only: every move of a watch and of its due."""

    __tablename__ = "watch_transitions"

    watch_id: Mapped[UUID] = mapped_column(ForeignKey("watches.id"), index=True)
    old: Mapped[WatchState | None] = mapped_column(Word(WatchState))
    new: Mapped[WatchState] = mapped_column(Word(WatchState))
    due_at: Mapped[Instant]
    reason: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[Instant]


class WatchEvent(Tenant, Base):
    """One act of a collector's phone, known by the ``event_id`` that the phone gave it.

    ``answer`` is what the phone was told: the same event gets the same answer.
    ``occurred_at`` is the server's estimate, ``phone_at`` what the phone's clock said.
    ``from_revoked_device``: kept and shown; unless it is an SOS it moved nothing.
    ``verdict`` is which PIN was given; a worker has acted on it at ``judged_at``.
    """

    __tablename__ = "watch_events"
    __table_args__ = (
        one_of("kind", EventKind),
        one_of("result", ActResult),
        one_of("outcome", Outcome),
        UniqueConstraint("user_id", "event_id"),
        Index(None, "user_id", "received_at"),
        Index(
            "ix_watch_events_unjudged",
            "received_at",
            sqlite_where=UNJUDGED,
            postgresql_where=UNJUDGED,
        ),
    )

    event_id: Mapped[UUID]
    kind: Mapped[EventKind] = mapped_column(Word(EventKind))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    device_id: Mapped[UUID | None] = mapped_column(ForeignKey("devices.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"), index=True)
    watch_id: Mapped[UUID | None] = mapped_column(ForeignKey("watches.id"))
    buddy_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    occurred_at: Mapped[Instant]
    phone_at: Mapped[Instant]
    received_at: Mapped[Instant]
    position_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "position", sealed.Sealed
    )
    accuracy_m: Mapped[float | None]
    outside_fence: Mapped[bool] = mapped_column(default=False)
    recording: Mapped[bool | None]
    from_revoked_device: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    result: Mapped[ActResult] = mapped_column(Word(ActResult))
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)
    request_digest: Mapped[Digest]
    answer_sealed: Mapped[sealed.Envelope] = mapped_column("answer", sealed.Sealed)
    verdict_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "verdict", sealed.Sealed
    )
    judged_at: Mapped[Instant | None]

    position = sealed.Personal("position_sealed", Position.parse)
    words = sealed.text("words_sealed")
    answer = sealed.text("answer_sealed")
    verdict = sealed.text("verdict_sealed")
