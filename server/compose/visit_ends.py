"""A visit begins with its first watch, ends with its last, and so do its secrets."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from contact import outbox
from core.words import VisitState, WatchState
from credentials import visit_codes
from models import Visit, Watch
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
        begin_or_end(call, each)


def begin_or_end(call: Call, visit_id: UUID) -> None:
    """Bring the visit's state in line with its watches; harmless to repeat."""
    visit = call.session.get_one(
        Visit,
        visit_id,
        options=[selectinload(Visit.visitors)],
        populate_existing=True,
    )
    states = _states(call, visit)
    if not states:
        return
    visits.mark_under_way(
        call.session, visit, actor_id=call.actor.user_id, now=call.now
    )
    expected = {visitor.user_id for visitor in visit.visitors if visitor.active}
    everyone_came = expected <= states.keys()
    if everyone_came and set(states.values()) == {WatchState.CLOSED}:
        _end(call, visit)


def _states(call: Call, visit: Visit) -> dict[UUID, WatchState]:
    """Each visitor's latest watch over this visit."""
    query = select(Watch).where(Watch.visit_id == visit.id).order_by(Watch.id)
    return {watch.user_id: watch.state for watch in call.session.scalars(query)}


def _end(call: Call, visit: Visit) -> None:
    if visit.state is VisitState.DONE:
        return
    visits.mark_done(call.session, visit, actor_id=call.actor.user_id, now=call.now)
    visit_codes.end(call.session, visit.id, reason="ended", now=call.now)
    outbox.wipe_for_visit(call.session, visit.organisation_id, visit.id, now=call.now)
