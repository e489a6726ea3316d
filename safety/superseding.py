"""Several open watches over one collector: one carries the timer for all.

While any watch of a collector is not closed, exactly one of them is armed or overdue:
the one that began last. It falls due at the earliest of all their dues until the PIN
has answered for the older ones.
"""

from core.words import WatchState
from models import Watch
from safety import states, watches
from safety.acts import Act

RUNNING = (WatchState.ARMED, WatchState.OVERDUE)


def put_in_order(act: Act, watch: Watch, others: list[Watch]) -> Watch:
    """Store a fresh watch among the open ones; the one that carries the timer then.

    A check-in that was received late may have begun before one that runs already.
    """
    newer = [
        other
        for other in others
        if other.state in RUNNING and other.started_at > watch.started_at
    ]
    if newer:
        _stand_behind(act, watch, newer[-1])
        return newer[-1]
    _take_over(act, watch, others)
    return watch


def _take_over(act: Act, watch: Watch, others: list[Watch]) -> None:
    armed = [other.due_at for other in others if other.state is WatchState.ARMED]
    watch.due_at = min([watch.own_due_at, *armed])
    for other in others:
        _move(act, other, states.Act.SUPERSEDE)
    watches.add(act.session, watch, reason="check_in", actor_id=act.who, now=act.now)
    for other in others:
        other.superseded_by = watch.id


def _stand_behind(act: Act, watch: Watch, newer: Watch) -> None:
    watch.state, watch.superseded_by = WatchState.SUPERSEDED, newer.id
    reason = "check_in_behind"
    watches.add(act.session, watch, reason=reason, actor_id=act.who, now=act.now)
    if newer.state is WatchState.ARMED and watch.own_due_at < newer.due_at:
        _set_due(act, newer, watch, reason)


def _set_due(act: Act, newer: Watch, older: Watch, reason: str) -> None:
    watches.set_due(
        act.session,
        newer,
        older.own_due_at,
        reason=reason,
        actor_id=act.who,
        now=act.now,
    )


def release_older(act: Act, watch: Watch) -> list[Watch]:
    """Close what began before this watch: the PIN has answered for it too."""
    older = [
        other
        for other in watches.not_closed(act.session, act.who)
        if other.state is WatchState.SUPERSEDED and other.started_at <= watch.started_at
    ]
    for other in older:
        _move(act, other, states.Act.RELEASE)
    return older


def give_back(act: Act) -> list[Watch]:
    """The PIN was given for an older watch: the running one gets its own due again.

    One that fell due only because of the older one is armed again; those are returned,
    for their alerts.
    """
    again = []
    for watch in watches.not_closed(act.session, act.who):
        borrowed = watch.state in RUNNING and watch.due_at < watch.own_due_at
        if not borrowed or _still_behind(act, watch):
            continue
        if watch.state is WatchState.ARMED:
            _set_due(act, watch, watch, "own_due")
        elif watch.own_due_at > act.now:
            watches.move(
                act.session,
                watch,
                states.Act.EXTEND,
                actor_id=act.who,
                now=act.now,
                due_at=watch.own_due_at,
            )
            again.append(watch)
    return again


def _still_behind(act: Act, running: Watch) -> bool:
    """Another superseded watch still waits for its PIN."""
    return any(
        other.state is WatchState.SUPERSEDED and other.id != running.id
        for other in watches.not_closed(act.session, act.who)
    )


def _move(act: Act, watch: Watch, what: states.Act) -> None:
    watches.move(act.session, watch, what, actor_id=act.who, now=act.now)
