"""What the safety desk shows of an alert: people by name, times on a local clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.geo import Position
from core.instants import zone
from core.words import Language
from models import Alert, AlertEntry, Place, User, Visit, Visitor, WatchEvent
from safety import escalation, situation, timeline
from server.pages.words import ACTS, DESK, ENTRIES, KINDS

ELSEWHERE = "UTC"
UNREADABLE = "—"
Words = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One line of the timeline."""

    at: str
    what: str
    who: str | None
    told: int
    words: str | None


@dataclass(frozen=True)
class View:
    """One alert as the templates read it."""

    id: UUID
    kind: str
    title: str
    zone: str
    collector: str
    phone: str
    opened: str
    owner: str | None
    owned_until: str
    next_action: str
    closed: str | None
    closed_by: str | None


def view(session: Session, alert: Alert, language: Language) -> View:
    """The alert in that language, on the clock of the place it is about."""
    zone_name = zone_of(session, alert)
    collector = session.get_one(User, alert.user_id)
    # one damaged value must not hide the alert, or all the others beside it
    name, phone = User.name.readable(collector), User.phone.readable(collector)
    title = f"{KINDS[language][alert.kind]} · {escalation.reference(alert)}"
    if alert.from_revoked_device:
        title = f"{title} · {DESK[language]['revoked']}"
    return View(
        id=alert.id,
        kind=alert.kind.value,
        title=title,
        zone=zone_name,
        collector=name or UNREADABLE,
        phone=phone or "",
        opened=clock_time(alert.opened_at, zone_name, day=True),
        owner=_name(session, alert.owner_id),
        owned_until=clock_time(alert.owned_until, zone_name),
        next_action=clock_time(alert.next_action_at, zone_name),
        closed=clock_time(alert.closed_at, zone_name, day=True) or None,
        closed_by=_name(session, alert.closed_by),
    )


def lines(
    session: Session, alert: Alert, zone_name: str, language: Language
) -> list[Line]:
    """Everything that happened to the alert, oldest first."""
    entries = timeline.of(session, alert)
    return [_line(session, entry, zone_name, language) for entry in entries]


@dataclass(frozen=True)
class Facts:
    """What is known of the one in danger, as the page shows it; lines of text.

    ``set_aside``: when and what a device that was reported lost has sent.
    """

    people: list[tuple[str, str, str]]
    place: str | None
    planned_at: str | None
    said: list[tuple[str, str]]
    last_at: str | None
    last_position: str | None
    set_aside: list[tuple[str, str]]


def facts(session: Session, alert: Alert, zone_name: str, language: Language) -> Facts:
    """Whom to call, where he was to be and where he was last, and what he said."""
    known, words = situation.of(session, alert), DESK[language]
    people = [(words["partner"], one) for one in known.partners]
    if known.buddy is not None:
        people.append((words["buddy"], known.buddy))
    planned = Place.position.readable(known.place) if known.place else None
    last = known.last_fix
    fix = WatchEvent.position.readable(last) if last else None
    return Facts(
        people=[(role, *_card(one)) for role, one in people],
        place=Place.address.readable(known.place) if known.place else None,
        planned_at=coordinates(planned) if planned else None,
        said=[
            (_marked(one, one.received_at, zone_name, words), said)
            for one in known.said
            if (said := WatchEvent.words.readable(one))
        ],
        last_at=_marked(last, last.occurred_at, zone_name, words) if last else None,
        last_position=coordinates(fix) if fix else None,
        set_aside=[
            (clock_time(one.received_at, zone_name), ACTS[language][one.kind])
            for one in known.set_aside
        ],
    )


def _marked(event: WatchEvent, at: datetime, zone_name: str, words: Words) -> str:
    """An instant, with the mark of a device that was reported lost."""
    shown = clock_time(at, zone_name)
    return f"{shown} · {words['revoked']}" if event.from_revoked_device else shown


def coordinates(position: Position) -> str:
    """Latitude first, as maps and police read it; five digits are a metre."""
    return f"{position.lat:.5f}, {position.lon:.5f}"


def _card(user: User) -> tuple[str, str]:
    name, phone = User.name.readable(user), User.phone.readable(user)
    return name or UNREADABLE, phone or UNREADABLE


def clock_time(at: datetime | None, zone_name: str, *, day: bool = False) -> str:
    """Hours, minutes and seconds in that zone, with the day where it matters."""
    if at is None:
        return ""
    form = "%Y-%m-%d %H:%M:%S" if day else "%H:%M:%S"
    return at.astimezone(zone(zone_name)).strftime(form)


def _line(
    session: Session, entry: AlertEntry, zone_name: str, language: Language
) -> Line:
    told = entry.detail.get("told") or []
    assert isinstance(told, list)
    what = ENTRIES[language][entry.kind]
    if entry.detail.get("from_revoked_device"):
        what = f"{what} · {DESK[language]['revoked']}"
    return Line(
        at=clock_time(entry.at, zone_name),
        what=what,
        who=_name(session, entry.actor_id),
        told=len(told),
        words=AlertEntry.words.readable(entry),
    )


def _name(session: Session, user_id: UUID | None) -> str | None:
    if user_id is None:
        return None
    return User.name.readable(session.get_one(User, user_id)) or UNREADABLE


def zone_of(session: Session, alert: Alert) -> str:
    """The place's of the visit; for an SOS without one, of the last planned visit."""
    query = (
        select(Place.time_zone)
        .join(Visit, Visit.place_id == Place.id)
        .where(
            Place.organisation_id == alert.organisation_id,
            Place.time_zone.is_not(None),
        )
    )
    if alert.visit_id is not None:
        query = query.where(Visit.id == alert.visit_id)
    else:
        query = query.join(Visitor, Visitor.visit_id == Visit.id)
        query = query.where(Visitor.user_id == alert.user_id)
    newest = query.order_by(Visit.planned_start.desc()).limit(1)
    return session.scalar(newest) or ELSEWHERE
