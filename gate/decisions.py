"""Ask the gate about a real case and place: facts from the rows, answers from rules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from core import instants
from core.errors import NotFound, one_field
from core.instants import Interval
from core.words import Channel
from gate import packs, records, rules
from gate.answers import Decision, Opening
from gate.facts import Facts, Wished
from gate.law import WEEK_MINUTES, WeekSpan
from gate.records import Record
from models import Borrower, Case, Place, database

__all__ = ["Decision", "Opening", "decide", "windows"]


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
    cut: bool = False,
    takes_back: bool = False,
) -> Decision:
    """May ``people`` visitors make this contact in the whole of ``interval``?

    ``people`` is None while nobody is chosen: as many as the rules ask for. With
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
    )
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
    takes_back: bool = False,
) -> Facts:
    case, place, erased = _subject(session, organisation_id, case_id, place_id)
    found = records.of(session, case, place)
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
