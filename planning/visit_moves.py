"""One step of a visit's life: claimed, written as a transition and audited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from accounts import audit
from core.errors import Conflict
from core.instants import Interval
from core.words import VisitState
from models import Visit, VisitTransition, claims
from planning import visit_states
from planning.visit_states import Act


def require(visit: Visit, act: Act) -> VisitState:
    """The state that the act leads to; ``Conflict`` where it cannot be done now."""
    new = visit_states.after(act, visit.state)
    if new is None:
        old = visit.state.value
        raise Conflict(f"A visit that is {old} cannot be {act}.", state=old)
    return new


def move(
    session: Session,
    visit: Visit,
    act: Act,
    *,
    actor_id: UUID | None,
    now: datetime,
    window: Interval | None = None,
    reason: str | None = None,
) -> None:
    """Claim the visit in the state as read, with its new ``window`` if it has one.

    ``reason`` stands in the transition instead of the act. ``Conflict`` if somebody
    else moved the visit meanwhile.
    """
    old, new = visit.state, require(visit, act)
    span = window or Interval(visit.planned_start, visit.planned_end)
    claim = (
        update(Visit)
        .where(
            Visit.id == visit.id,
            Visit.organisation_id == visit.organisation_id,
            Visit.state == old,
        )
        .values(state=new, planned_start=span.start, planned_end=span.end)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict("Someone else has just changed this visit: read it again.")
    record(session, visit, old, act, actor_id=actor_id, now=now, reason=reason)


def record(
    session: Session,
    visit: Visit,
    old: VisitState | None,
    act: Act,
    *,
    actor_id: UUID | None,
    now: datetime,
    reason: str | None = None,
) -> None:
    """The transition and the audit row of a move that was made."""
    row = VisitTransition(
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        old=old,
        new=visit.state,
        reason=reason or act.value,
        actor_id=actor_id,
        at=now,
    )
    session.add(row)
    audit.record(
        session,
        organisation_id=visit.organisation_id,
        actor_id=actor_id,
        action=f"visit.{act.value}",
        subject="visits",
        subject_id=visit.id,
        now=now,
        old=old,
        new=visit.state,
        reason=reason or act.value,
        planned_start=visit.planned_start,
        planned_end=visit.planned_end,
    )
