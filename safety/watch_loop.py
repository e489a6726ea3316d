"""Find watches that fell due and open their alerts, each in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core import rounds
from core.words import AlertKind, WatchState
from models import Alert, Visit, Watch, database
from safety import alerts, states, watches

PATIENCE = timedelta(seconds=5)  # whoever moves a watch is done with it long before


def sweep(
    sessions: sessionmaker[Session],
    *,
    clock_now: Callable[[Session], datetime],
    limit: int = 100,
) -> int:
    """Open an alert for every overdue watch; the number opened.

    One that cannot be opened stops no other; the failures are raised at the end.
    """
    with database.reading(sessions) as session:
        due = _due(session, clock_now(session), limit)
    return rounds.total(
        partial(_fire_one, sessions, watch_id, clock_now) for watch_id in due
    )


def _due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    query = (
        select(Watch.id)
        .where(Watch.state == WatchState.ARMED, Watch.due_at <= now)
        .order_by(Watch.due_at)
        .limit(limit)
    )
    return session.scalars(query).all()


def next_due(session: Session) -> datetime | None:
    """The earliest due of an armed watch."""
    armed = Watch.state == WatchState.ARMED
    return session.scalar(select(func.min(Watch.due_at)).where(armed))


def _fire_one(
    sessions: sessionmaker[Session],
    watch_id: UUID,
    clock_now: Callable[[Session], datetime],
) -> bool:
    with sessions.begin() as session:
        watch = session.get_one(Watch, watch_id)
        if not _visit_is_free(session, watch):
            late_by = clock_now(session) - watch.due_at
            if late_by <= PATIENCE:
                return False
        session.refresh(watch)
        return fire(session, watch, now=clock_now(session)) is not None


def _visit_is_free(session: Session, watch: Watch) -> bool:
    """Lock the visit row first, as everywhere; False where another holds it now.

    Whoever holds it is about to move this watch, so it is left for the next round. But
    a holder may have died: after a few seconds the claim on the watch, which guards
    state and due, is enough.
    """
    held = select(Visit.id).where(Visit.id == watch.visit_id)
    free = held.with_for_update(key_share=True, skip_locked=True)
    return session.scalar(free) is not None


def fire(session: Session, watch: Watch, *, now: datetime) -> Alert | None:
    """Overdue, alert, first step: one transaction. ``None`` where it is not due."""
    if not watches.move(session, watch, states.Act.FALL_DUE, actor_id=None, now=now):
        return None
    return alerts.open_for(
        session,
        organisation_id=watch.organisation_id,
        kind=AlertKind.OVERDUE,
        dedup_key=f"overdue:{watch.id}:{watch.due_at.isoformat()}",
        user_id=watch.user_id,
        watch_id=watch.id,
        buddy_id=watch.buddy_id,
        visit_id=watch.visit_id,
        now=now,
    )
