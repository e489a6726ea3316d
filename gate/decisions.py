"""Ask the gate about a real case and place: facts from the rows, answers from rules."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import instants
from core.errors import NotFound, one_field
from core.instants import Interval
from core.words import Channel
from gate import erased, holds, packs, rules
from gate.answers import Decision, Opening
from gate.facts import Agreement, Facts, Period, Wished
from gate.law import WEEK_MINUTES, WeekSpan
from models import Case, Consent, CreditorListing, Place, Wish

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
    case = session.scalar(
        select(Case).where(Case.id == case_id, Case.organisation_id == organisation_id)
    )
    if case is None:
        raise NotFound("case")
    place = _place(session, case, place_id)
    return Facts(
        channel=channel,
        interval=interval,
        people=people,
        place=place.kind,
        is_public=place.is_public,
        zone=place.time_zone,
        pack=packs.for_place(place.country, place.region),
        agreements=_agreements(session, place),
        listings=_listings(session, case),
        wishes=_wishes(session, case),
        unschedulable=tuple(_code(why) for why in place.unschedulable),
        closed=case.closed_at is not None and not takes_back,
        holds=() if takes_back else _holds(session, case),
        erased=erased.is_one(session, case),
    )


def _place(session: Session, case: Case, place_id: UUID) -> Place:
    query = select(Place).where(
        Place.id == place_id,
        Place.case_id == case.id,
        Place.organisation_id == case.organisation_id,
    )
    place = session.scalar(query)
    if place is None:
        raise NotFound("place")
    return place


def _agreements(session: Session, place: Place) -> tuple[Agreement, ...]:
    """Consents for this place, and those for the whole case."""
    query = select(Consent.kind, Consent.starts_at, Consent.ends_at).where(
        Consent.organisation_id == place.organisation_id,
        Consent.case_id == place.case_id,
        or_(Consent.place_id.is_(None), Consent.place_id == place.id),
    )
    found = session.execute(query)
    return tuple(Agreement(kind, Period(start, end)) for kind, start, end in found)


def _holds(session: Session, case: Case) -> tuple[Period, ...]:
    """The borrower's, whichever of his cases they were recorded with."""
    found = holds.spans(session, case.organisation_id, case.borrower_id)
    return tuple(Period(start, end) for start, end in found)


def _listings(session: Session, case: Case) -> tuple[Period, ...]:
    query = select(CreditorListing.starts_at, CreditorListing.ends_at).where(
        CreditorListing.organisation_id == case.organisation_id,
        CreditorListing.creditor_id == case.creditor_id,
    )
    return tuple(Period(start, end) for start, end in session.execute(query))


def _wishes(session: Session, case: Case) -> tuple[Wished, ...]:
    """The borrower's, whichever of his cases they were noted for."""
    query = select(Wish).where(
        Wish.organisation_id == case.organisation_id,
        Wish.borrower_id == case.borrower_id,
    )
    return tuple(
        Wished(wish.kind == "only", tuple(map(_span, wish.spans)))
        for wish in session.scalars(query.order_by(Wish.id))
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
