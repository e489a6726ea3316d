"""Check-out and extension: the acts with the PIN, which answers for the person."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.passwords import Proof
from core.actor import Actor
from core.errors import one_field
from core.words import ActResult, AlertKind, EventKind, PinVerdict, WatchState
from gate import ledger
from models import Alert, User, Watch, WatchEvent
from safety import (
    acts,
    alerts,
    states,
    superseding,
    timers,
    watches,
)
from safety.acts import Act
from safety.reports import Answer, Report


def check_out(
    session: Session, actor: Actor, report: Report, *, pin: Proof, now: datetime
) -> Answer:
    """Close the watch and what it superseded; their open overdue alerts are resolved.

    ``pin`` is what was given, held against the collector's hashes. Under duress all is
    the same: ``safety.duress`` does the rest, later. A wrong PIN is stored and changes
    nothing. A check-out that arrives before its check-in is kept, and that
    check-in then closes at once.
    """
    act = acts.begin(session, actor, report, now=now)
    visit = act.lock_visit()
    if (before := act.answered()) is not None:
        return before
    watch = watches.of_then(session, actor, visit.id, happened_at=act.happened_at)
    act = act.guarded_by(watch)
    outcome = report.outcome.value if report.outcome else None
    verdict = _verdict(act, pin)
    right = verdict is not PinVerdict.WRONG
    result = _closed(act, watch) if right else ActResult.WRONG_PIN
    return act.finish(watch, result=result, outcome=outcome, verdict=verdict)


def extend(
    session: Session, actor: Actor, report: Report, *, pin: Proof, now: datetime
) -> Answer:
    """Move the due on, within the lawful window; an overdue watch is armed again.

    No further than the place's memory allows between two signs of life.
    """
    act = acts.begin(session, actor, report, now=now)
    _check_length(act)
    visit = act.lock_visit()
    if (before := act.answered()) is not None:
        return before
    watch = watches.of_then(session, actor, visit.id, happened_at=act.happened_at)
    act = act.guarded_by(watch)
    verdict = _verdict(act, pin)
    right = verdict is not PinVerdict.WRONG
    result = _extended(act, watch) if right else ActResult.WRONG_PIN
    leave_now = result is ActResult.TIME_TO_LEAVE
    return act.finish(watch, result=result, leave_now=leave_now, verdict=verdict)


def _check_length(act: Act) -> None:
    longest = act.organisation.extension_max_s
    if not 1 <= (act.report.extend_s or 0) <= longest:
        raise one_field("extend_s", f"must be between 1 and {longest} seconds.")


def _verdict(act: Act, pin: Proof) -> PinVerdict:
    user = act.session.get_one(User, act.who)
    return pin.verdict(watches.pins_in_force(act.session, user))


def _closed(act: Act, watch: Watch | None) -> ActResult:
    if watch is None:
        return ActResult.BEFORE_CHECK_IN
    if watch.state is WatchState.CLOSED:
        return ActResult.ALREADY_CLOSED
    in_time = timers.was_in_time(latest=act.happened_at, due=watch.due_at)
    _move(act, watch, states.Act.CHECK_OUT)
    ended = [watch, *superseding.release_older(act, watch), *superseding.give_back(act)]
    resolve(act, ended, how="on_time_received_late" if in_time else "checked_out_late")
    _conclude(act, watch)
    return ActResult.OK


def _conclude(act: Act, watch: Watch) -> None:
    if act.report.outcome is not None:
        ledger.conclude(
            act.session,
            organisation_id=watch.organisation_id,
            visit_id=watch.visit_id,
            user_id=watch.user_id,
            outcome=act.report.outcome,
        )


def _extended(act: Act, watch: Watch | None) -> ActResult:
    if watch is None or watch.state not in (WatchState.ARMED, WatchState.OVERDUE):
        return ActResult.NOT_WATCHED
    asked = act.report.extend_s or 0
    due = timers.extended_due(
        due=watch.own_due_at,
        now=act.happened_at,
        by=timedelta(seconds=min(asked, watch.at_most_s or asked)),
        window_end=watch.ends_by,
    )
    if due is None or due <= act.now or watch.contact == "refused":
        return ActResult.TIME_TO_LEAVE
    due = min([due, *_withdrawn(act, watch)])
    _move(act, watch, states.Act.EXTEND, due_at=due)
    resolve(act, [watch, *superseding.release_older(act, watch)], how="extended")
    return ActResult.OK


def _withdrawn(act: Act, watch: Watch) -> list[datetime]:
    """By when he meant to be gone, by withdrawals that happened after this extension.

    They bound it in whatever order the two arrived.
    """
    query = select(WatchEvent.occurred_at).where(
        WatchEvent.watch_id == watch.id,
        WatchEvent.kind == EventKind.WITHDRAW,
        WatchEvent.occurred_at > act.happened_at,
    )
    leave_now = timedelta(seconds=act.organisation.leave_now_s)
    return [at + leave_now for at in act.session.scalars(query)]


def _move(
    act: Act, watch: Watch, what: states.Act, *, due_at: datetime | None = None
) -> None:
    watches.move(
        act.session,
        watch,
        what,
        actor_id=act.who,
        now=act.now,
        due_at=due_at,
        outcome=act.report.outcome,
    )


def resolve(act: Act, ended: list[Watch], *, how: str) -> None:
    """All-clear for the open overdue alerts of these watches; an SOS stays open."""
    query = select(Alert).where(
        Alert.watch_id.in_([watch.id for watch in ended]),
        Alert.kind == AlertKind.OVERDUE,
        Alert.closed_at.is_(None),
    )
    for alert in act.session.scalars(query).all():
        alerts.end(
            act.session, alert, closed_by=act.who, how=how, words=None, now=act.now
        )
