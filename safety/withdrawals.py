"""Withdraw: one tap at the door. Colleagues are told; the watch goes on, shorter."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from accounts import staff
from core.actor import Actor
from core.words import ActResult, WatchState
from models import User, Visit, Watch
from safety import acts, companions, informing, watches
from safety.acts import Act
from safety.reports import Answer, Report


def withdraw(
    session: Session, actor: Actor, report: Report, *, now: datetime
) -> Answer:
    """Leave now. There is no PIN, so the watch stays open until the check-out."""
    act = acts.begin(session, actor, report, now=now)
    visit = act.lock_visit()
    if (before := act.answered()) is not None:
        return before
    watch = watches.of_then(session, actor, visit.id, happened_at=act.happened_at)
    if watch is not None and watch.state is WatchState.ARMED:
        _shorten(act, watch)
    _tell(act, visit, watch)
    return act.guarded_by(watch).finish(watch, result=ActResult.OK, leave_now=True)


def _shorten(act: Act, watch: Watch) -> None:
    """He means to be gone: the shorter due is the watch's own from now on."""
    leave_now = timedelta(seconds=act.organisation.leave_now_s)
    gone_by = act.happened_at + leave_now
    due = min(watch.due_at, gone_by)
    watch.own_due_at = min(watch.own_due_at, gone_by)
    act.session.flush()
    watches.set_due(
        act.session, watch, due, reason="withdraw", actor_id=act.who, now=act.now
    )


def _tell(act: Act, visit: Visit, watch: Watch | None) -> None:
    """Buddy, partners and dispatchers: the partner may still stand at the door."""
    since = act.now - companions.RECENT
    along = companions.of_visit(act.session, visit.id, since=since) - {act.who}
    departure = companions.departure(
        act.session, act.who, visit_id=visit.id, now=act.now
    )
    if departure is not None and departure.buddy_id is not None:
        along.add(departure.buddy_id)
    if watch is not None and watch.buddy_id is not None:
        along.add(watch.buddy_id)
    people = staff.dispatchers(act.session, act.actor.organisation_id)
    people += [act.session.get_one(User, user_id) for user_id in sorted(along)]
    informing.withdrawn(
        act.session,
        act.session.get_one(User, act.who),
        people,
        visit_id=visit.id,
        event_id=act.report.event_id,
        now=act.now,
    )
