"""Which vehicle somebody drives: said by himself or by a dispatcher, in free words.

It is of the person and not of a departure: he may call for help without a visit.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import NotFound
from core.words import Role
from models import User, Vehicle


def put(
    session: Session, actor: Actor, user_id: UUID, *, words: str | None, now: datetime
) -> Vehicle:
    """From now on a collector drives this; without words nothing. ``NotFound``."""
    _collector(session, actor, user_id)
    row = Vehicle(
        organisation_id=actor.organisation_id,
        user_id=user_id,
        words=words,
        set_by=actor.user_id,
        set_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="user.vehicle_set",
        subject="users",
        subject_id=user_id,
        now=now,
    )
    return row


def of(
    session: Session, user_id: UUID, *, until: datetime | None = None
) -> Vehicle | None:
    """What he said last, up to that instant; None where he said nothing."""
    query = select(Vehicle).where(Vehicle.user_id == user_id)
    if until is not None:
        query = query.where(Vehicle.set_at <= until)
    return session.scalar(query.order_by(Vehicle.id.desc()).limit(1))


def _collector(session: Session, actor: Actor, user_id: UUID) -> None:
    query = select(User.id).where(
        User.id == user_id,
        User.organisation_id == actor.organisation_id,
        User.role == Role.COLLECTOR,
    )
    if session.scalar(query) is None:
        raise NotFound("user")
