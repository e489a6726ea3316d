"""The collector's day: his own published stops, with what he must know at the door."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.actor import Actor
from core.words import STANDING, Language, PlaceKind, VisitState
from models import Borrower, Case, Place, User, Visit, Visitor
from planning import crews

BACK = timedelta(hours=12)
AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Partner:
    """Who comes along."""

    user_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class DayVisit:
    """One stop. ``lon`` and ``lat`` are WGS-84 degrees; the window is UTC.

    What cannot be opened is ``None``, a name empty: nobody loses the rest.
    """

    visit_id: UUID
    badge_id: UUID
    planned_start: datetime
    planned_end: datetime
    state: VisitState
    place_kind: PlaceKind
    address: str | None
    lon: float | None
    lat: float | None
    time_zone: str | None
    borrower_name: str
    language: Language
    partners: Sequence[Partner]
    obligations: Sequence[object]


def of(session: Session, actor: Actor, *, now: datetime) -> list[DayVisit]:
    """The actor's visits from 12 hours back to 24 hours ahead, in order of time."""
    query = (
        select(Visitor, Visit)
        .join(Visit, Visit.id == Visitor.visit_id)
        .where(
            Visitor.organisation_id == actor.organisation_id,
            Visitor.user_id == actor.user_id,
            Visitor.active,
            Visit.state.in_(STANDING),
            Visit.planned_end >= now - BACK,
            Visit.planned_start < now + AHEAD,
        )
        .order_by(Visit.planned_start, Visit.id)
        .options(selectinload(Visit.visitors))
        .execution_options(populate_existing=True)
    )
    stops = session.execute(query).all()
    visits = [visit for _, visit in stops]
    names = _names(session, actor, visits)
    places = _places(session, actor, visits)
    cases = _cases(session, actor, visits)
    return [
        _stop(own, visit, places[visit.place_id], cases[visit.case_id], names)
        for own, visit in stops
    ]


def _names(
    session: Session, actor: Actor, visits: Sequence[Visit]
) -> Mapping[UUID, str]:
    wanted = {one.user_id for visit in visits for one in crews.active(visit)}
    query = select(User).where(
        User.organisation_id == actor.organisation_id, User.id.in_(wanted)
    )
    found = session.scalars(query)
    return {user.id: User.name.readable(user) or "" for user in found}


def _places(
    session: Session, actor: Actor, visits: Sequence[Visit]
) -> Mapping[UUID, Place]:
    query = select(Place).where(
        Place.organisation_id == actor.organisation_id,
        Place.id.in_({visit.place_id for visit in visits}),
    )
    return {place.id: place for place in session.scalars(query)}


def _cases(
    session: Session, actor: Actor, visits: Sequence[Visit]
) -> Mapping[UUID, Case]:
    query = select(Case).where(
        Case.organisation_id == actor.organisation_id,
        Case.id.in_({visit.case_id for visit in visits}),
    )
    query = query.options(joinedload(Case.borrower))
    query = query.execution_options(populate_existing=True)
    return {case.id: case for case in session.scalars(query)}


def _stop(
    own: Visitor, visit: Visit, place: Place, case: Case, names: Mapping[UUID, str]
) -> DayVisit:
    position = Place.position.readable(place)
    return DayVisit(
        visit_id=visit.id,
        badge_id=own.badge_id,
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
        state=visit.state,
        place_kind=place.kind,
        address=Place.address.readable(place),
        lon=position.lon if position else None,
        lat=position.lat if position else None,
        time_zone=place.time_zone,
        borrower_name=Borrower.name.readable(case.borrower) or "",
        language=case.borrower.language,
        partners=[
            Partner(one.user_id, names[one.user_id])
            for one in crews.active(visit)
            if one.user_id != own.user_id
        ],
        obligations=visit.obligations,
    )
