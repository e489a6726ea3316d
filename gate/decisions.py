"""Ask the gate about a real case and place: facts from the rows, answers from rules."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core import instants
from core.errors import NotFound, one_field
from core.instants import Interval
from core.words import Channel, VisitState
from gate import packs, place_limits, records, risk, rules
from gate.answers import Decision, Opening
from gate.facts import Facts, Wished
from gate.law import WEEK_MINUTES, WeekSpan
from gate.records import Record
from models import Borrower, Case, Place, Visit, Visitor, database

__all__ = ["Crew", "Decision", "Opening", "decide", "windows"]

DAY = timedelta(days=1)
# somebody expects who is to come
EXPECTED = (VisitState.ASSIGNED, VisitState.PUBLISHED, VisitState.UNDER_WAY)
Crew = Collection[UUID]


def decide(
    session: Session,
    *,
    organisation_id: UUID,
    case_id: UUID,
    place_id: UUID,
    channel: Channel,
    interval: Interval,
    people: int | None,
    now: datetime,
    crew: Crew | None = None,
    visit_id: UUID | None = None,
    cut: bool = False,
    takes_back: bool = False,
) -> Decision:
    """May ``people`` visitors make this contact in the whole of ``interval``?

    ``people`` is None while nobody is chosen: as many as the rules ask for. ``crew``
    are those who were chosen, for ``visit_id``. With
    ``cut`` the contact ends with the window around its start, if that ends earlier.
    A contact that ``takes_back`` an announced one is allowed for a closed case too, and
    during a hold.
    ``NotFound`` for a case or place that is not the organisation's; ``Invalid`` for an
    interval longer than the gate looks ahead or outside the years 2000 to 2099.
    """
    _check(interval, "interval")
    facts = _facts(
        session,
        organisation_id=organisation_id,
        case_id=case_id,
        place_id=place_id,
        channel=channel,
        interval=interval,
        people=people,
        takes_back=takes_back,
        now=now,
    )
    if crew is not None and place_limits.asks_for_stops(facts):
        stops = _stops(session, organisation_id, crew, visit_id, interval)
        facts = replace(facts, stops=stops)
    return rules.evaluate(rules.cut(facts) if cut else facts, now=now)


def windows(
    session: Session,
    *,
    organisation_id: UUID,
    case_id: UUID,
    place_id: UUID,
    span: Interval,
    now: datetime,
) -> Opening:
    """When the place may be visited, from ``now`` on: lawful hours minus wishes.

    Assumes as many visitors as the rules ask for. No window and no refusal means only
    that the span is past. Errors as for ``decide``.
    """
    _check(span, "end")
    facts = _facts(
        session,
        organisation_id=organisation_id,
        case_id=case_id,
        place_id=place_id,
        channel=Channel.VISIT,
        interval=span,
        people=None,
        now=now,
    )
    if span.end <= now:
        return Opening(facts.zone, (), ())
    return rules.opening(facts, Interval(max(span.start, now), span.end))


def _check(interval: Interval, field: str) -> None:
    """How far the gate looks; ``field`` is what the asker calls the end of it."""
    if interval.start < instants.EARLIEST or interval.end > instants.LATEST:
        raise one_field(field, "must be within the years 2000 to 2099")
    if interval.length > rules.SEARCH:
        raise one_field(field, f"must lie within {rules.SEARCH.days} days of the start")


def _facts(
    session: Session,
    *,
    organisation_id: UUID,
    case_id: UUID,
    place_id: UUID,
    channel: Channel,
    interval: Interval,
    people: int | None,
    now: datetime,
    takes_back: bool = False,
) -> Facts:
    case, place, erased = _subject(session, organisation_id, case_id, place_id)
    found = records.of(session, case, place)
    risks = risk.standings(records.marks(found), now)
    return Facts(
        channel=channel,
        interval=interval,
        people=people,
        place=place.kind,
        is_public=place.is_public,
        zone=place.time_zone,
        pack=packs.for_place(place.country, place.region),
        agreements=records.agreements(found),
        listings=records.listings(found),
        wishes=_wishes(found),
        unschedulable=tuple(_code(why) for why in place.unschedulable),
        closed=case.closed_at is not None and not takes_back,
        holds=() if takes_back else records.holds(found),
        erased=erased,
        risks=risks,
        position=Place.position.readable(place) if risks else None,
    )


def _stops(
    session: Session,
    organisation_id: UUID,
    crew: Crew,
    visit_id: UUID | None,
    interval: Interval,
) -> tuple[tuple[datetime, ...], ...]:
    """When the other stops of each of the crew begin, as far as the gate looks."""
    query = (
        select(Visitor.user_id, Visit.planned_start)
        .join(Visit, Visit.id == Visitor.visit_id)
        .where(
            Visitor.organisation_id == organisation_id,
            Visitor.user_id.in_(crew),
            Visitor.active,
            Visit.id != visit_id,
            Visit.state.in_(EXPECTED),
            Visit.planned_start > interval.start - DAY,
            Visit.planned_start < interval.start + rules.SEARCH + DAY,
        )
    )
    found = session.execute(query).all()
    return tuple(
        tuple(start for user_id, start in found if user_id == one) for one in crew
    )


def _subject(
    session: Session, organisation_id: UUID, case_id: UUID, place_id: UUID
) -> tuple[Case, Place, bool]:
    """Case and place, kept at hand with the borrower, and whether he was erased."""
    query = (
        select(Case, Place, Borrower, Borrower.erased_at)
        .join(Borrower, Borrower.id == Case.borrower_id)
        .outerjoin(
            Place,
            and_(
                Place.id == place_id,
                Place.case_id == Case.id,
                Place.organisation_id == Case.organisation_id,
            ),
        )
        .where(Case.id == case_id, Case.organisation_id == organisation_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("case")
    case, place, borrower, erased_at = found
    if place is None:
        raise NotFound("place")
    database.hold(session, case, place, borrower)
    return case, place, erased_at is not None


def _wishes(found: Sequence[Record]) -> tuple[Wished, ...]:
    return tuple(
        Wished(one.kind == "only", tuple(map(_span, one.spans or ())))
        for one in found
        if one.what == "wish"
    )


def _span(raw: object) -> WeekSpan:
    """A stored pair of minutes; ``ValueError`` if it is anything else."""
    match raw:
        case [int(first), int(end)] if 0 <= first < end <= WEEK_MINUTES:
            return first, end
    raise ValueError("a stored wish is not a span of a week")


def _code(why: object) -> str:
    """The code of a reason why a place is not schedulable, as import stored it."""
    return str(why.get("code", "unknown")) if isinstance(why, dict) else str(why)
