"""More is asked at a place now: dispatchers look at their plans, officers review."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids
from core.words import Lane, MessageKind, VisitState
from gate.risk import RAISING
from models import Case, Place, PlaceMark, User, Visit
from safety import informing, on_call

PLANNED = (VisitState.PROPOSED, VisitState.ASSIGNED, VisitState.PUBLISHED)


def raised(
    session: Session,
    mark: PlaceMark,
    borrower_id: UUID,
    place: Place,
    *,
    now: datetime,
) -> None:
    """One message for each planned visit that may not hold, and one to review.

    Neither says who has marked the place, nor why.
    """
    for visit_id in _planned(session, mark, borrower_id, place, now):
        people = staff.dispatchers(session, mark.organisation_id)
        _tell(session, people, "place_replan", mark, now, visit_id=visit_id)
    if mark.kind in RAISING:
        # not by the visit: dispatchers see of which one a message is
        people = on_call.of(session, mark.organisation_id, None, now=now)
        _tell(session, people, "place_review", mark, now, visit_id=None)


def _planned(
    session: Session, mark: PlaceMark, borrower_id: UUID, place: Place, now: datetime
) -> list[UUID]:
    """Visits to his places of that kind which are still to come."""
    query = (
        select(Visit.id)
        .join(Case, Case.id == Visit.case_id)
        .join(Place, Place.id == Visit.place_id)
        .where(
            Visit.organisation_id == mark.organisation_id,
            Case.borrower_id == borrower_id,
            Place.kind == place.kind,
            Visit.state.in_(PLANNED),
            Visit.planned_end > now,
        )
    )
    return list(session.scalars(query.order_by(Visit.id)))


def _tell(
    session: Session,
    people: list[User],
    what: str,
    mark: PlaceMark,
    now: datetime,
    *,
    visit_id: UUID | None,
) -> None:
    if not people:
        return
    outbox.enqueue_for_all(
        session,
        people,
        organisation_id=mark.organisation_id,
        kind=MessageKind.DISPATCHER_NOTE,
        lane=Lane.ALERT,
        once=f"{what}:{mark.id}:{visit_id}",
        body=wording.dispatcher_note(
            what=what,
            reference=ids.short(visit_id or mark.place_id),
            language=informing.language(session, mark.organisation_id),
        ),
        visit_id=visit_id,
        now=now,
    )
