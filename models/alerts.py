"""Alerts, their timeline, and the policies whose steps they climb."""

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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.words import SILENT, AlertEntryKind, AlertKind
from models import sealed
from models.base import (
    NO_JSON_IS_NULL,
    Base,
    Instant,
    Json,
    JsonList,
    Tenant,
    Word,
    one_of,
)

OPEN = text("closed_at IS NULL")


class Policy(Tenant, Base):
    """The ladder for one kind of alert; after the last step it repeats for ever."""

    __tablename__ = "policies"
    __table_args__ = (
        one_of("kind", AlertKind),
        UniqueConstraint("organisation_id", "kind"),
        CheckConstraint("repeat_s BETWEEN 1 AND 300", name="repeat"),
        CheckConstraint("lease_s BETWEEN 5 AND 1800", name="lease"),
    )

    kind: Mapped[AlertKind] = mapped_column(Word(AlertKind))
    repeat_s: Mapped[int]
    lease_s: Mapped[int]

    steps: Mapped[list["PolicyStep"]] = relationship(
        lazy="selectin", order_by="PolicyStep.place", cascade="all, delete-orphan"
    )


class PolicyStep(Tenant, Base):
    """After ``delay_s`` seconds from the opening, tell ``whom``.

    ``recipients``: what programs read that know words only; they write no ``whom``.
    """

    __tablename__ = "policy_steps"
    __table_args__ = (
        UniqueConstraint("policy_id", "place"),
        CheckConstraint("delay_s >= 0", name="delay"),
    )

    policy_id: Mapped[UUID] = mapped_column(ForeignKey("policies.id"))
    place: Mapped[int]
    delay_s: Mapped[int]
    recipients: Mapped[JsonList]
    whom: Mapped[list[object] | None] = mapped_column(NO_JSON_IS_NULL)


class Alert(Tenant, Base):
    """Open until a person closes it; while open it always has a next action.

    ``policy`` is the ladder as it was at opening; ``step`` counts the steps run, and
    delays count from ``ladder_from``. ``moves`` grows with every claim: the fence.
    ``from_revoked_device``: an SOS that came only from phones reported lost so far.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        one_of("kind", AlertKind),
        CheckConstraint(
            "(closed_at IS NULL) = (next_action_at IS NOT NULL)", name="no_silent_end"
        ),
        CheckConstraint(
            "(owner_id IS NULL) = (owned_until IS NULL)", name="lease_has_owner"
        ),
        UniqueConstraint("organisation_id", "dedup_key"),
        Index(
            "ix_alerts_open_next_action",
            "next_action_at",
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index(
            "uq_alerts_one_open_sos",
            "user_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND kind = 'sos'"),
            postgresql_where=text("closed_at IS NULL AND kind = 'sos'"),
        ),
        *(
            Index(
                f"uq_alerts_one_open_{kind}",
                "user_id",
                unique=True,
                sqlite_where=text(f"closed_at IS NULL AND kind = '{kind}'"),
                postgresql_where=text(f"closed_at IS NULL AND kind = '{kind}'"),
            )
            for kind in sorted(SILENT)
        ),
    )

    kind: Mapped[AlertKind] = mapped_column(Word(AlertKind))
    dedup_key: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    watch_id: Mapped[UUID | None] = mapped_column(ForeignKey("watches.id"), index=True)
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"))
    buddy_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    from_revoked_device: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )
    policy: Mapped[Json]
    step: Mapped[int] = mapped_column(default=0)
    moves: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[Instant]
    ladder_from: Mapped[Instant]
    next_action_at: Mapped[Instant | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    owned_until: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class AlertEntry(Tenant, Base):
    """Append-only timeline: what happened, by whom, whom it reached (user ids)."""

    __tablename__ = "alert_entries"
    __table_args__ = (one_of("kind", AlertEntryKind),)

    alert_id: Mapped[UUID] = mapped_column(ForeignKey("alerts.id"), index=True)
    kind: Mapped[AlertEntryKind] = mapped_column(Word(AlertEntryKind))
    at: Mapped[Instant]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    detail: Mapped[Json]
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)

    words = sealed.text("words_sealed")
