"""Who left together and who counts on whom: read from the departures themselves.

A plan that is changed after somebody has left changes nothing of this: what a
collector's phone reported stands.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import ActResult, EventKind
from models import Visitor, WatchEvent

RECENT = timedelta(hours=12)  # an older departure says nothing about now
MOVES = (EventKind.DEPART, EventKind.CHECK_IN, EventKind.CHECK_OUT)


def departure(
    session: Session, user_id: UUID, *, visit_id: UUID | None, now: datetime
) -> WatchEvent | None:
    """The collector's latest departure to that visit.

    Without a visit the one that he is on: nothing was reported since he left.
    """
    query = select(WatchEvent).where(
        WatchEvent.user_id == user_id,
        WatchEvent.received_at >= now - RECENT,
        WatchEvent.result == ActResult.OK,
    )
    if visit_id is not None:
        query = query.where(
            WatchEvent.visit_id == visit_id, WatchEvent.kind == EventKind.DEPART
        )
    else:
        query = query.where(WatchEvent.kind.in_(MOVES))
    latest = query.order_by(WatchEvent.received_at.desc(), WatchEvent.id.desc())
    event = session.scalars(latest.limit(1)).first()
    return event if event is not None and event.kind is EventKind.DEPART else None


def of_visit(session: Session, visit_id: UUID, *, since: datetime) -> set[UUID]:
    """Everyone who is to come, and everyone who left for it, called off or not."""
    planned = select(Visitor.user_id).where(
        Visitor.visit_id == visit_id, Visitor.active
    )
    left = select(WatchEvent.user_id).where(
        WatchEvent.visit_id == visit_id,
        WatchEvent.kind == EventKind.DEPART,
        WatchEvent.received_at >= since,
        ~WatchEvent.from_revoked_device,
    )
    return {*session.scalars(planned), *session.scalars(left)}
