"""A visit's window: of sane length, still ahead, and allowed by the gate."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts import organisations
from core.actor import Actor
from core.errors import Conflict, Refused, one_field
from core.instants import Interval
from core.words import Channel
from gate import decisions
from gate.answers import Decision
from gate.decisions import Crew
from models import Visit

SHORTEST = timedelta(seconds=5)
LONGEST = timedelta(hours=4)


def planned(
    session: Session,
    actor: Actor,
    start: datetime,
    end: datetime | None,
    *,
    now: datetime,
) -> Interval:
    """A window to plan; without an end the organisation's visit length holds.

    ``Invalid`` if it has begun, or is not 5 s to 4 h long.
    """
    if end is None:
        length_s = organisations.get(session, actor).visit_length_s
        end = start + timedelta(seconds=length_s)
    if start < now:
        raise one_field("planned_start", "must not be in the past")
    if not SHORTEST <= end - start <= LONGEST:
        raise one_field("planned_end", "must be 5 seconds to 4 hours after the start")
    return Interval(start, end)


def ahead(visit: Visit, *, now: datetime) -> Interval:
    """The visit's window; ``Conflict`` if it is over."""
    if visit.planned_end <= now:
        raise Conflict("The window of this visit has passed: reschedule the visit.")
    return Interval(visit.planned_start, visit.planned_end)


def ask_gate(
    session: Session,
    visit: Visit,
    window: Interval,
    *,
    people: int | None,
    now: datetime,
    crew: Crew | None = None,
) -> Decision:
    """Keep the obligations of an allowed visit on it; ``Refused`` with every reason.

    ``crew`` are those who were chosen to come.
    """
    decision = decisions.decide(
        session,
        organisation_id=visit.organisation_id,
        case_id=visit.case_id,
        place_id=visit.place_id,
        channel=Channel.VISIT,
        interval=window,
        people=people,
        crew=crew,
        visit_id=visit.id,
        now=now,
    )
    if not decision.allowed:
        raise Refused("This visit is not allowed.", decision=decision.as_json())
    visit.obligations = [duty.as_json() for duty in decision.obligations]
    return decision
