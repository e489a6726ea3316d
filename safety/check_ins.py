"""Check-in: the act and its watch are one transaction; nothing refuses the watch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.words import (
    STANDING,
    ActResult,
    Channel,
    ContactKind,
    WatchState,
)
from gate import ledger
from models import Case, Place, Visit, Visitor, Watch, WatchEvent
from safety import (
    acts,
    answers,
    companions,
    informing,
    superseding,
    timers,
    watch_loop,
    watches,
)
from safety.acts import Act
from safety.answers import Permission
from safety.reports import Answer, Report


def check_in(
    session: Session,
    actor: Actor,
    report: Report,
    *,
    judge: Callable[[Visit], Permission],
    now: datetime,
) -> Answer:
    """Arm a watch over the collector at this visit and say whether contact is allowed.

    ``judge`` asks gate and badge, about the visit as it stands now that it is locked.
    A check-in while another watch is open supersedes it: the new watch falls due at the
    earlier of the two until the collector gives his PIN.
    """
    act = acts.begin(session, actor, report, now=now)
    visit = act.lock_visit()
    act, before = act.repeated()
    if before is not None:
        return before
    visitor = _visitor(actor, visit)
    permission = _as_assigned(visit, visitor, judge(visit))
    others = watches.not_closed(session, actor.user_id)
    if running := _running_here(visit, others):
        _judge_again(act, visit, running, permission)
        return _finish(act, visit, running, permission, timer=None)
    watch = _new(act, visit, visitor, permission)
    timer = _arm(act, watch, others)
    _ledger(session, visit, watch, permission, at=watch.started_at)
    _inform(act, watch, others)
    watch_loop.fire(session, timer, now=now)
    return _finish(act, visit, watch, permission, timer=timer)


def _running_here(visit: Visit, others: list[Watch]) -> Watch | None:
    """A repeated check-in arms nothing: only the PIN moves a due on.

    Where the watch fell due already, its alert goes on and a new watch is armed.
    """
    for watch in others:
        if watch.visit_id == visit.id and watch.state is WatchState.ARMED:
            return watch
    return None


def _judge_again(act: Act, visit: Visit, watch: Watch, permission: Permission) -> None:
    """What gate and badge say now holds; the due may become earlier, never later."""
    word = _word(permission)
    if watch.contact == word:
        return
    watch.contact, watch.ends_by = word, permission.window_end
    act.session.flush()
    _ledger(act.session, visit, watch, permission, at=act.happened_at)
    if permission.allowed:
        return
    due = min(watch.due_at, _own_due(act, visit, permission))
    watch.own_due_at = min(watch.own_due_at, due)
    watches.set_due(
        act.session, watch, due, reason="refused", actor_id=act.who, now=act.now
    )
    informing.contact_refused(act.session, watch, act.report.event_id, now=act.now)


def _word(permission: Permission) -> str:
    return "allowed" if permission.allowed else "refused"


def _visitor(actor: Actor, visit: Visit) -> Visitor | None:
    active = (one for one in visit.visitors if one.active)
    return next((one for one in active if one.user_id == actor.user_id), None)


def _as_assigned(
    visit: Visit, visitor: Visitor | None, permission: Permission
) -> Permission:
    """Somebody whom nobody sent is watched like everyone, but makes no contact."""
    if visitor is not None and visit.state in STANDING:
        return permission
    reason: dict[str, object] = {
        "rule_id": "VISIT-ASSIGNED",
        "source": "Vouchsafe",
        "status": "organisation",
        "words_en": "This visit is not published, or not assigned to you.",
        "words_zh": "此次走访未发布，或未安排给您。",
    }
    return replace(permission, allowed=False, reasons=[*permission.reasons, reason])


def _new(
    act: Act, visit: Visit, visitor: Visitor | None, permission: Permission
) -> Watch:
    own_due = _own_due(act, visit, permission)
    return Watch(
        organisation_id=act.actor.organisation_id,
        visit_id=visit.id,
        user_id=act.who,
        buddy_id=_buddy_id(act, visit, visitor),
        contact=_word(permission),
        state=WatchState.ARMED,
        started_at=act.happened_at,
        due_at=own_due,
        own_due_at=own_due,
        ends_by=permission.window_end,
        at_most_s=permission.at_most and int(permission.at_most.total_seconds()),
    )


def _buddy_id(act: Act, visit: Visit, visitor: Visitor | None) -> UUID | None:
    """The one named at departure, also where the plan was changed since then."""
    if visitor is not None and visitor.buddy_id is not None:
        return visitor.buddy_id
    left = companions.departure(act.session, act.who, visit_id=visit.id, now=act.now)
    return left.buddy_id if left else None


def _own_due(act: Act, visit: Visit, permission: Permission) -> datetime:
    if not permission.allowed:
        leave_now = timedelta(seconds=act.organisation.leave_now_s)
        return timers.leave_due(started=act.happened_at, leave_now=leave_now)
    planned = visit.planned_end - visit.planned_start
    return timers.first_due(
        started=act.happened_at,
        length=min(planned, permission.at_most or planned),
        window_end=permission.window_end,
    )


def _arm(act: Act, watch: Watch, others: list[Watch]) -> Watch:
    """Store it; the watch that carries the timer, or this one if it closed already."""
    ahead = _checked_out_ahead(act, watch.visit_id)
    if ahead is None:
        return superseding.put_in_order(act, watch, others)
    watch.state, watch.closed_at = WatchState.CLOSED, act.now
    watch.outcome = ahead.outcome
    reason = "check_in_after_check_out"
    watches.add(act.session, watch, reason=reason, actor_id=act.who, now=act.now)
    ahead.watch_id = watch.id  # it has answered for this check-in, and for no other
    return watch


def _checked_out_ahead(act: Act, visit_id: UUID) -> WatchEvent | None:
    """A check-out with the right PIN that overtook this check-in.

    By the phone's own clock it comes after it: one pressed by mistake before arriving
    says nothing about the visit.
    """
    query = select(WatchEvent).where(
        WatchEvent.user_id == act.who,
        WatchEvent.visit_id == visit_id,
        WatchEvent.device_id == act.actor.device_id,
        WatchEvent.result == ActResult.BEFORE_CHECK_IN,
        WatchEvent.watch_id.is_(None),
        WatchEvent.phone_at >= act.report.occurred_at,
    )
    return act.session.scalars(query.order_by(WatchEvent.phone_at)).first()


def _inform(act: Act, watch: Watch, others: list[Watch]) -> None:
    if others and watch.state is not WatchState.CLOSED:
        informing.superseded(act.session, watch, now=act.now)
    if watch.contact == "refused":
        informing.contact_refused(act.session, watch, act.report.event_id, now=act.now)


def _ledger(
    session: Session,
    visit: Visit,
    watch: Watch,
    permission: Permission,
    *,
    at: datetime,
) -> None:
    ledger.record(
        session,
        case=session.get_one(Case, visit.case_id),
        channel=Channel.VISIT,
        kind=ContactKind.ATTEMPT,
        at=at,
        decision=permission.decision or {},
        source="check_in",
        visit_id=visit.id,
        user_id=watch.user_id,
    )
    if watch.outcome is not None:
        ledger.conclude(
            session,
            organisation_id=visit.organisation_id,
            visit_id=visit.id,
            user_id=watch.user_id,
            outcome=watch.outcome,
        )


def _finish(
    act: Act,
    visit: Visit,
    watch: Watch,
    permission: Permission,
    *,
    timer: Watch | None,
) -> Answer:
    """``timer`` is the watch that runs now; ``None``: nothing new was armed."""
    place = act.session.get_one(Place, visit.place_id)
    there = Place.position.readable(place)
    fence = answers.fence(act.report.fix, there, act.organisation.fence_m)
    return act.finish(
        watch,
        result=ActResult.OK if timer else ActResult.ALREADY,
        shown=timer,
        fence=fence,
        reasons=list(permission.reasons),
        leave_now=not permission.allowed,
        recording_wanted=_recording_wanted(act, permission),
    )


def _recording_wanted(act: Act, permission: Permission) -> bool:
    """The contact has to be recorded, and neither that nor a reason was reported."""
    reported = act.report.recording or act.report.words
    return permission.allowed and permission.recording_obliged and not reported
