"""Who can help: on duty, free, reachable, near, and not in danger himself."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from core.geo import Position, distance_m
from core.words import SILENT, AlertKind, Role, UserState
from models import Alert, Place, User, Visit, Visitor, Watch, WatchEvent
from safety import companions

RECENT = timedelta(hours=12)  # an older check-in says nothing about where he is
SOON = timedelta(minutes=30)  # a stop that begins within it is where he is going
LOUD = Alert.kind.not_in(list(SILENT))
NOWHERE_M = float("inf")  # unknown positions come last, they are not left out


def nearest_able(
    session: Session,
    alert: Alert,
    *,
    leave_out: Iterable[UUID],
    count: int,
    within_m: int | None,
    now: datetime,
) -> list[User]:
    """The ``count`` nearest able colleagues of the one in danger (promise 8).

    Who is known to be farther than ``within_m`` is left out; whoever may be near comes
    after those who are.
    """
    taken = {*leave_out, alert.user_id, *partners(session, alert)}
    able = [user for user in _able(session, alert) if user.id not in taken]
    danger = _danger_at(session, alert)
    places = _whereabouts(session, [user.id for user in able], now=now)

    def metres(user: User) -> float:
        here = places.get(user.id)
        return distance_m(here, danger) if here and danger else NOWHERE_M

    far = {user.id: metres(user) for user in able}
    near = [user for user in able if not _too_far(far[user.id], within_m)]
    return sorted(near, key=lambda user: (far[user.id], user.id))[:count]


def _too_far(metres: float, within_m: int | None) -> bool:
    return within_m is not None and within_m < metres < NOWHERE_M


def may_help(session: Session, alert: Alert, user: User) -> bool:
    """Who may be asked: never anybody who is in danger himself (promise 8).

    Not the endangered one, nor his partner, nor anyone with an open alert.
    """
    return _may(session, alert, user, in_danger=select(Alert.id))


def may_act(session: Session, alert: Alert, user: User) -> bool:
    """Who may take the alert: the same, but for silent alerts about himself.

    To refuse him would show whoever holds his phone that there is one (promise 6). His
    ownership ends by itself, and safety officers see whose it is.
    """
    return _may(session, alert, user, in_danger=select(Alert.id).where(LOUD))


def _may(
    session: Session, alert: Alert, user: User, *, in_danger: Select[UUID]
) -> bool:
    if user.state is not UserState.ACTIVE or user.id == alert.user_id:
        return False
    if user.id in partners(session, alert):
        return False
    own = in_danger.where(Alert.user_id == user.id, Alert.closed_at.is_(None))
    return session.scalar(own.limit(1)) is None


def is_free(session: Session, user: User) -> bool:
    """On duty, and at no door himself."""
    watched = select(Watch.id).where(
        Watch.user_id == user.id, Watch.closed_at.is_(None)
    )
    return bool(user.on_duty_since) and session.scalar(watched.limit(1)) is None


def partners(session: Session, alert: Alert) -> set[UUID]:
    """The others who are on the alert's visit, or left for it."""
    if alert.visit_id is None:
        return set()
    since = alert.opened_at - companions.RECENT
    together = companions.of_visit(session, alert.visit_id, since=since)
    return together - {alert.user_id}


def _able(session: Session, alert: Alert) -> list[User]:
    """Active collectors on duty with a phone, without open alert or open watch."""
    other, watch = aliased(Alert), aliased(Watch)
    query = select(User).where(
        User.organisation_id == alert.organisation_id,
        User.role == Role.COLLECTOR,
        User.state == UserState.ACTIVE,
        User.on_duty_since.is_not(None),
        User.phone_sealed.is_not(None),
        ~exists().where(other.user_id == User.id, other.closed_at.is_(None)),
        ~exists().where(watch.user_id == User.id, watch.closed_at.is_(None)),
    )
    return [one for one in session.scalars(query) if User.phone.readable(one)]


def _danger_at(session: Session, alert: Alert) -> Position | None:
    """Where an SOS was pressed, or the visit's place; else where he was last heard of.

    A position that came with the SOS is newer than any plan.
    """
    last = partial(_last_fixes, session, [alert.user_id])
    if alert.kind is AlertKind.SOS:
        pressed = last(since=alert.opened_at).get(alert.user_id)
        if pressed is not None:
            return pressed
    if alert.visit_id is not None:
        visit = session.get_one(Visit, alert.visit_id)
        place = session.get_one(Place, visit.place_id)
        if there := Place.position.readable(place):
            return there
    return last(since=alert.opened_at - RECENT).get(alert.user_id)


def _whereabouts(
    session: Session, user_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, Position]:
    """Each one's planned stop of this hour, else his last fix of the last 12 hours."""
    fixes = _last_fixes(session, user_ids, since=now - RECENT)
    return fixes | _stops(session, user_ids, now=now)


def _stops(
    session: Session, user_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, Position]:
    query = (
        select(Visitor.user_id, Place)
        .join(Visit, Visit.id == Visitor.visit_id)
        .join(Place, Place.id == Visit.place_id)
        .where(
            Visitor.user_id.in_(user_ids),
            Visitor.active,
            Visitor.planned_start <= now + SOON,
            Visitor.planned_end > now,
        )
        .order_by(Visitor.planned_start.desc())  # of two stops the earlier one stays
    )
    found = dict(session.execute(query).all())
    known = {who: Place.position.readable(place) for who, place in found.items()}
    return {who: position for who, position in known.items() if position}


def _last_fixes(
    session: Session, user_ids: Sequence[UUID], *, since: datetime
) -> dict[UUID, Position]:
    newest = (
        select(WatchEvent.user_id, func.max(WatchEvent.received_at).label("at"))
        .where(
            WatchEvent.user_id.in_(user_ids),
            WatchEvent.received_at >= since,
            WatchEvent.position_sealed.is_not(None),
        )
        .group_by(WatchEvent.user_id)
        .subquery()
    )
    query = (
        select(WatchEvent)
        .join(newest, WatchEvent.user_id == newest.c.user_id)
        .where(
            WatchEvent.received_at == newest.c.at,
            WatchEvent.position_sealed.is_not(None),
        )
    )
    found = {
        event.user_id: WatchEvent.position.readable(event)
        for event in session.scalars(query)
    }
    return {who: position for who, position in found.items() if position}
