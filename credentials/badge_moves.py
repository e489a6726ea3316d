"""Acts on a badge: claimed by its state, with a transition and an audit row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict
from core.words import BadgeState
from models import Badge, BadgeTransition, claims


@dataclass(frozen=True, slots=True)
class Move:
    """An act on a badge: its word in the records, from which states, to which."""

    word: str
    old: tuple[BadgeState, ...]
    new: BadgeState


ISSUE = Move("issued", (), BadgeState.ACTIVE)
SUSPENSION = Move("suspended", (BadgeState.ACTIVE,), BadgeState.SUSPENDED)
REINSTATEMENT = Move("reinstated", (BadgeState.SUSPENDED,), BadgeState.ACTIVE)
REVOCATION = Move(
    "revoked", (BadgeState.ACTIVE, BadgeState.SUSPENDED), BadgeState.REVOKED
)


def make(
    session: Session,
    actor: Actor,
    badge: Badge,
    move: Move,
    *,
    reason: str,
    now: datetime,
) -> Badge:
    """Exactly one of two simultaneous moves is made; the other is a ``Conflict``."""
    before = badge.state
    claim = (
        update(Badge)
        .where(Badge.id == badge.id, Badge.state == before, Badge.state.in_(move.old))
        .values(state=move.new)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict(
            f"This badge is {before}: it cannot be {move.word}.", state=before
        )
    session.refresh(badge)
    made = Move(move.word, (before,), move.new)
    record(session, actor, badge, made, reason=reason, now=now)
    return badge


def record(
    session: Session,
    actor: Actor,
    badge: Badge,
    move: Move,
    *,
    reason: str,
    now: datetime,
) -> None:
    """The transition with its reason, sealed; the audit row without it."""
    transition = BadgeTransition(
        organisation_id=badge.organisation_id,
        badge_id=badge.id,
        old=move.old[0] if move.old else None,
        new=move.new,
        reason=reason,
        actor_id=actor.user_id,
        at=now,
    )
    session.add(transition)
    session.flush()
    audit.record(
        session,
        organisation_id=badge.organisation_id,
        actor_id=actor.user_id,
        action=f"badge.{move.word}",
        subject="badges",
        subject_id=badge.id,
        now=now,
        user_id=badge.user_id,
    )
