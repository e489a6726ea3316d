"""Who can help: on duty, free, reachable, near, and not in danger himself."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from core.geo import Position, distance_m
from core.words import Role, UserState, WatchState
from models import Alert, Place, User, Visit, Visitor, Watch, WatchEvent, sealed

RECENT = timedelta(hours=12)  # an older check-in says nothing about where he is
ASKED = 2
NOWHERE_M = float("inf")  # unknown positions come last, they are not left out


def nearest_able(
    session: Session, alert: Alert, *, leave_out: Iterable[UUID], now: datetime
) -> list[User]:
    """The two nearest able colleagues of the one in danger (promise 8)."""
    taken = {*leave_out, alert.user_id, *partners(session, alert)}
    able = [user for user in _able(session, alert) if user.id not in taken]
    danger = danger_at(session, alert)

    def metres(user: User) -> float:
        here = whereabouts(session, user, now=now)
        return distance_m(here, danger) if here and danger else NOWHERE_M

    return sorted(able, key=lambda user: (metres(user), user.id))[:ASKED]


def may_help(session: Session, alert: Alert, user: User) -> bool:
    """False for the endangered one, his partner, and anyone with an open alert."""
    if user.state is not UserState.ACTIVE or user.id == alert.user_id:
        return False
    in_danger = select(Alert.id).where(
        Alert.user_id == user.id, Alert.closed_at.is_(None)
    )
    if session.scalar(in_danger.limit(1)):
        return False
    return user.id not in partners(session, alert)


def partners(session: Session, alert: Alert) -> set[UUID]:
    """The other visitors of the alert's visit."""
    if alert.visit_id is None:
        return set()
    query = select(Visitor.user_id).where(
        Visitor.visit_id == alert.visit_id, Visitor.active
    )
    return set(session.scalars(query)) - {alert.user_id}


def _able(session: Session, alert: Alert) -> list[User]:
    """Active collectors on duty with a phone, without open alert or armed watch."""
    other, watch = aliased(Alert), aliased(Watch)
    query = select(User).where(
        User.organisation_id == alert.organisation_id,
        User.role == Role.COLLECTOR,
        User.state == UserState.ACTIVE,
        User.on_duty_since.is_not(None),
        User.phone_sealed.is_not(None),
        ~exists().where(other.user_id == User.id, other.closed_at.is_(None)),
        ~exists().where(watch.user_id == User.id, watch.state == WatchState.ARMED),
    )
    return list(session.scalars(query))


def danger_at(session: Session, alert: Alert) -> Position | None:
    """The visit's place, or where the person in danger was last heard of."""
    if alert.visit_id is not None:
        visit = session.get_one(Visit, alert.visit_id)
        return _readable(session.get_one(Place, visit.place_id))
    return _last_fix(session, alert.user_id, since=alert.opened_at - RECENT)


def whereabouts(session: Session, user: User, *, now: datetime) -> Position | None:
    """His planned stop of this hour, else his last fix of the last twelve hours."""
    query = (
        select(Place)
        .join(Visit, Visit.place_id == Place.id)
        .join(Visitor, Visitor.visit_id == Visit.id)
        .where(
            Visitor.user_id == user.id,
            Visitor.active,
            Visitor.planned_start <= now + timedelta(minutes=30),
            Visitor.planned_end > now,
        )
        .order_by(Visitor.planned_start)
        .limit(1)
    )
    stop = session.scalars(query).first()
    here = _readable(stop) if stop else None
    return here or _last_fix(session, user.id, since=now - RECENT)


def _last_fix(session: Session, user_id: UUID, *, since: datetime) -> Position | None:
    query = (
        select(WatchEvent)
        .where(
            WatchEvent.user_id == user_id,
            WatchEvent.received_at >= since,
            WatchEvent.position_sealed.is_not(None),
        )
        .order_by(WatchEvent.received_at.desc())
        .limit(1)
    )
    event = session.scalars(query).first()
    return _readable(event) if event else None


def _readable(row: Place | WatchEvent) -> Position | None:
    found = sealed.readable(row, "position")
    return found if isinstance(found, Position) else None
