"""What is handed to the emergency services: all that may help to find somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.geo import Position
from core.words import AlertEntryKind, RiskLevel
from gate import records, risk
from models import (
    Alert,
    AlertEntry,
    Badge,
    Case,
    Incident,
    Organisation,
    Place,
    User,
    Vehicle,
    Visit,
    Visitor,
    WatchEvent,
)
from safety import incidents, situation, timeline, vehicles
from safety.situation import Situation

POSITIONS = 10  # the newest


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A position in WGS-84. ``estimated``: no phone said so, it is where he was to be.

    ``source`` is the act that came with it, or ``planned_stop``.
    """

    position: Position
    accuracy_m: float | None
    at: datetime
    source: str
    estimated: bool
    from_revoked_device: bool

    def age_s(self, now: datetime) -> int:
        """How old it is, in whole seconds; never negative."""
        return max(0, int((now - self.at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Helper:
    """Who has taken the alert, when last, and until when; ``owns``: he has it now."""

    user: User
    since: datetime
    until: datetime | None
    owns: bool


@dataclass(frozen=True, slots=True)
class Handover:
    """The facts as they stand; personal values are to be read with ``readable``."""

    alert: Alert
    organisation: Organisation
    known: Situation
    badge: Badge | None
    vehicle: Vehicle | None
    positions: Sequence[Whereabouts]
    level: RiskLevel | None
    incidents: Sequence[Incident]
    helpers: Sequence[Helper]
    entries: Sequence[AlertEntry]


def of(session: Session, alert: Alert, *, now: datetime) -> Handover:
    """Everything about one alert, which the caller may read in full."""
    known = situation.of(session, alert)
    entries = timeline.of(session, alert)
    place = known.place
    return Handover(
        alert=alert,
        organisation=session.get_one(Organisation, alert.organisation_id),
        known=known,
        badge=_badge(session, alert),
        vehicle=vehicles.of(session, alert.user_id, until=alert.closed_at),
        positions=_positions(session, known),
        level=_level(session, place, now) if place else None,
        incidents=incidents.of_place(session, place) if place else (),
        helpers=_helpers(session, alert, entries),
        entries=entries,
    )


def _badge(session: Session, alert: Alert) -> Badge | None:
    """The one that he wears on the visit, else the newest of his."""
    worn = (
        select(Badge)
        .join(Visitor, Visitor.badge_id == Badge.id)
        .where(Visitor.visit_id == alert.visit_id, Visitor.user_id == alert.user_id)
    )
    if (badge := session.scalar(worn)) is not None:
        return badge
    mine = select(Badge).where(Badge.user_id == alert.user_id)
    return session.scalar(mine.order_by(Badge.id.desc()).limit(1))


def _positions(session: Session, known: Situation) -> list[Whereabouts]:
    """Newest first; where no phone has said anything, the place where he was to be."""
    found = [one for event in known.fixes if (one := _reported(event)) is not None]
    if found:
        return found[:POSITIONS]
    estimate = _estimate(session, known)
    return [estimate] if estimate else []


def _reported(event: WatchEvent) -> Whereabouts | None:
    position = WatchEvent.position.readable(event)
    if position is None:
        return None
    return Whereabouts(
        position,
        event.accuracy_m,
        event.occurred_at,
        event.kind.value,
        estimated=False,
        from_revoked_device=event.from_revoked_device,
    )


def _estimate(session: Session, known: Situation) -> Whereabouts | None:
    """The place of his last act, else that of the visit; promise 13."""
    at, place = _last_stop(session, known)
    position = Place.position.readable(place) if place else None
    if at is None or position is None:
        return None
    return Whereabouts(
        position, None, at, "planned_stop", estimated=True, from_revoked_device=False
    )


def _last_stop(
    session: Session, known: Situation
) -> tuple[datetime | None, Place | None]:
    if known.last_act is not None and known.last_act.visit_id is not None:
        visit = session.get_one(Visit, known.last_act.visit_id)
        return known.last_act.occurred_at, session.get_one(Place, visit.place_id)
    planned = known.visit.planned_start if known.visit else None
    return planned, known.place


def _level(session: Session, place: Place, now: datetime) -> RiskLevel:
    case = session.get_one(Case, place.case_id)
    return risk.in_force(records.marks(records.of(session, case, place)), now)


def _helpers(
    session: Session, alert: Alert, entries: Sequence[AlertEntry]
) -> list[Helper]:
    """Who has taken it, the last first."""
    taken: dict[UUID, AlertEntry] = {
        one.actor_id: one
        for one in entries
        if one.kind is AlertEntryKind.ACKNOWLEDGED and one.actor_id is not None
    }
    newest = sorted(taken.items(), key=lambda item: item[1].at, reverse=True)
    return [
        Helper(
            session.get_one(User, user_id),
            entry.at,
            _until(entry),
            owns=alert.owner_id == user_id,
        )
        for user_id, entry in newest
    ]


def _until(entry: AlertEntry) -> datetime | None:
    until = entry.detail.get("until")
    return datetime.fromisoformat(until) if isinstance(until, str) else None
