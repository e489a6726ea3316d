"""Who was shown a borrower's file: written before the answer leaves, never changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from models import AccessRecord, Visit


def record(
    session: Session,
    actor: Actor,
    *,
    route: str,
    case_ids: Iterable[UUID],
    visit_ids: Iterable[UUID] = (),
    now: datetime,
) -> None:
    """One row for each case, those of the visits too; ``route``: on what occasion."""
    of_visits = select(Visit.case_id).where(
        Visit.organisation_id == actor.organisation_id, Visit.id.in_(list(visit_ids))
    )
    session.add_all(
        AccessRecord(
            organisation_id=actor.organisation_id,
            user_id=actor.user_id,
            case_id=case_id,
            route=route,
            at=now,
        )
        for case_id in sorted({*case_ids, *session.scalars(of_visits)})
    )
    session.flush()


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    case_id: UUID | None = None,
    user_id: UUID | None = None,
) -> Sequence[AccessRecord]:
    """At most ``limit`` rows of the organisation after that id, oldest first."""
    query = select(AccessRecord).where(
        AccessRecord.organisation_id == actor.organisation_id
    )
    if case_id is not None:
        query = query.where(AccessRecord.case_id == case_id)
    if user_id is not None:
        query = query.where(AccessRecord.user_id == user_id)
    if after is not None:
        query = query.where(AccessRecord.id > after)
    return session.scalars(query.order_by(AccessRecord.id).limit(limit)).all()
