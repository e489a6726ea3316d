"""When a place may be visited: lawful hours minus the borrower's wishes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core import instants
from core.actor import Actor
from core.errors import one_field
from core.instants import Interval
from gate import decisions
from gate.answers import Reason


@dataclass(frozen=True, slots=True)
class Hours:
    """``windows`` are in local time of ``time_zone``; an unknown one leaves none."""

    time_zone: str | None
    windows: tuple[Interval, ...]
    refusals: tuple[Reason, ...]


def of(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    place_id: UUID,
    span: Interval,
    now: datetime,
) -> Hours:
    """Windows within the span from ``now`` on, and what leaves none open.

    ``Invalid`` for a span that is over or longer than the gate looks ahead, 28 days;
    ``NotFound`` for a case or place that is not the organisation's.
    """
    if span.end <= now:
        raise one_field("end", "must not be in the past")
    opening = decisions.windows(
        session,
        organisation_id=actor.organisation_id,
        case_id=case_id,
        place_id=place_id,
        span=span,
        now=now,
    )
    zone = opening.zone or "UTC"
    windows = tuple(_local(window, zone) for window in opening.windows)
    return Hours(opening.zone, windows, opening.refusals)


def _local(window: Interval, time_zone: str) -> Interval:
    tz = instants.zone(time_zone)
    return Interval(window.start.astimezone(tz), window.end.astimezone(tz))
