"""When a place may be visited: lawful hours minus the borrower's wishes."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import one_field
from core.instants import Interval
from gate import decisions

LONGEST = timedelta(days=28)


def of(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    place_id: UUID,
    span: Interval,
    now: datetime,
) -> decisions.Opening:
    """Windows within the span from ``now`` on, in UTC, and what leaves none open.

    ``Invalid`` for a span that is over or longer than 28 days; ``NotFound`` for a case
    or place that is not the organisation's.
    """
    if span.length > LONGEST:
        raise one_field("end", f"must lie within {LONGEST.days} days of start")
    if span.end <= now:
        raise one_field("end", "must not lie in the past")
    return decisions.windows(
        session,
        organisation_id=actor.organisation_id,
        case_id=case_id,
        place_id=place_id,
        span=span,
        now=now,
    )
