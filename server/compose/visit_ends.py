"""A visit begins with its first contact, ends with its last watch, and so its code.

Somebody whom nobody sent, or who is sent away, is watched and begins no visit.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import Select, exists, func, literal, select
from sqlalchemy.orm import Session, selectinload, sessionmaker

from contact import outbox
from core import rounds
from core.words import VisitState, WatchState
from credentials import visit_codes
from models import Visit, Watch, database
from planning import visits
from server.endpoint import Call


def after_an_act(call: Call, collector_id: UUID, visit_id: UUID) -> None:
    """This visit, and the others of the collector whose watches this act closed."""
    others = (
        select(Watch.visit_id)
        .where(
            Watch.user_id == collector_id,
            Watch.closed_at == call.now,
            Watch.visit_id != visit_id,
        )
        .distinct()
    )
    for each in (visit_id, *call.session.scalars(others)):
        begin_or_end(call, _read(call.session, each))


def _read(session: Session, visit_id: UUID) -> Visit:
    """As it is now, with its visitors."""
    with_visitors = [selectinload(Visit.visitors)]
    return session.get_one(
        Visit, visit_id, options=with_visitors, populate_existing=True
    )


def after_a_check_in(call: Call, visit_id: UUID) -> None:
    """This visit alone, which is locked and was read with its visitors.

    A check-in closes no watch over another visit.
    """
    begin_or_end(call, call.session.get_one(Visit, visit_id))


def begin_or_end(call: Call, visit: Visit) -> None:
    """Bring the visit's state in line with its watches; harmless to repeat."""
    watches = _watches(call, visit)
    expected = {visitor.user_id for visitor in visit.visitors if visitor.active}
    if any(watches[one].contact == "allowed" for one in expected & watches.keys()):
        visits.mark_under_way(
            call.session, visit, actor_id=call.actor.user_id, now=call.now
        )
    everyone_came = expected <= watches.keys()
    if everyone_came and all(
        watch.state is WatchState.CLOSED for watch in watches.values()
    ):
        _end(call.session, visit, actor_id=call.actor.user_id, now=call.now)


def end_forgotten(
    sessions: sessionmaker[Session], *, clock_now: Callable[[Session], datetime]
) -> int:
    """End the visits that somebody never came to, each in a transaction; how many.

    Where one of a pair stays away, no check-out of his ends the visit: it ends when its
    code does, unless somebody is still watched there. One that cannot be ended stops no
    other; the failures are raised at the end.
    """
    with database.reading(sessions) as session:
        over = Visit.planned_end <= clock_now(session) - visit_codes.LINGER
        query = _forgotten().with_only_columns(Visit.id).where(over)
        found = session.scalars(query.order_by(Visit.planned_end)).all()
    return rounds.total(partial(_end_one, sessions, one, clock_now) for one in found)


def _end_one(
    sessions: sessionmaker[Session],
    visit_id: UUID,
    clock_now: Callable[[Session], datetime],
) -> bool:
    """False where it has ended meanwhile, or where another holds it now."""
    query = _forgotten().where(Visit.id == visit_id)
    with sessions.begin() as session:
        free = query.with_for_update(key_share=True, skip_locked=True)
        visit = session.scalar(free)
        now = clock_now(session)
        return visit is not None and _end(session, visit, actor_id=None, now=now)


def next_forgotten(session: Session) -> datetime | None:
    """When the first of them ends."""
    first = _forgotten().with_only_columns(func.min(Visit.planned_end))
    end = session.scalar(first)
    return end + visit_codes.LINGER if end else None


def _forgotten() -> Select[Visit]:
    """The state stands in the statement: an index of some rows is used only then."""
    watched = exists().where(Watch.visit_id == Visit.id, Watch.closed_at.is_(None))
    state = literal(VisitState.UNDER_WAY, Visit.state.type, literal_execute=True)
    return select(Visit).where(Visit.state == state, ~watched)


def _watches(call: Call, visit: Visit) -> dict[UUID, Watch]:
    """The latest watch of everyone who checked in to this visit, sent or not."""
    query = select(Watch).where(Watch.visit_id == visit.id).order_by(Watch.id)
    return {watch.user_id: watch for watch in call.session.scalars(query)}


def _end(
    session: Session, visit: Visit, *, actor_id: UUID | None, now: datetime
) -> bool:
    if not visits.mark_done(session, visit, actor_id=actor_id, now=now):
        return False
    visit_codes.end(session, visit.id, reason="ended", now=now)
    outbox.wipe_for_visit(session, visit.organisation_id, visit.id, now=now)
    return True
