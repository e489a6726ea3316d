"""The sentinel's round: do alerts move, do messages leave, are workers alive?

It trusts no single process: what should have happened and did not is found in the
tables, by looking from outside at the same rows the workers claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.words import AlertEntryKind, Lane, MessageState, WatchState
from models import Alert, AuditPending, AuditRow, Message, ProcessPulse, Visit, Watch
from safety import states, timeline, watches

PATIENCE = timedelta(seconds=15)  # what is due for longer has been forgotten
FARTHEST = timedelta(seconds=1800 + 60)  # the longest lease: nothing is planned beyond
PULSE = timedelta(seconds=10)
URGENT = (Lane.SOS, Lane.ALERT)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one round found; empty and pulsing is clean."""

    late_watches: Sequence[UUID]
    unguarded: Sequence[UUID]
    late_alerts: Sequence[UUID]
    lost_alerts: Sequence[UUID]
    stuck_messages: Sequence[UUID]
    unsealed: int
    worker_alive: bool

    @property
    def clean(self) -> bool:
        """True where nothing waits for somebody who does not come."""
        waiting = (self.late_watches, self.unguarded, self.late_alerts)
        behind = (self.lost_alerts, self.stuck_messages, self.unsealed)
        return self.worker_alive and not any((*waiting, *behind))

    def counts(self) -> dict[str, object]:
        """Numbers for logs and messages; no ids, no names."""
        return {
            "late_watches": len(self.late_watches),
            "unguarded": len(self.unguarded),
            "late_alerts": len(self.late_alerts),
            "lost_alerts": len(self.lost_alerts),
            "stuck_messages": len(self.stuck_messages),
            "unsealed": self.unsealed,
            "worker_alive": self.worker_alive,
        }


def inspect(session: Session, *, now: datetime, limit: int = 1000) -> Findings:
    """Look at everything that could have been forgotten."""
    late = now - PATIENCE
    due = Alert.next_action_at
    is_open = Alert.closed_at.is_(None)
    watch = select(Watch.id).where(Watch.state == WatchState.ARMED, Watch.due_at < late)
    return Findings(
        late_watches=session.scalars(watch.limit(limit)).all(),
        unguarded=session.scalars(_unguarded().limit(limit)).all(),
        late_alerts=session.scalars(
            select(Alert.id).where(is_open, due < late).limit(limit)
        ).all(),
        lost_alerts=session.scalars(
            select(Alert.id).where(is_open, due > now + FARTHEST).limit(limit)
        ).all(),
        stuck_messages=_stuck(session, late, limit),
        unsealed=_unsealed(session, late),
        worker_alive=worker_alive(session, now=now),
    )


def _unguarded() -> Select[UUID]:
    """Open watches of people over whom nothing runs: no armed watch, no open alert."""
    armed, alert = aliased(Watch), aliased(Alert)
    same_person = armed.user_id == Watch.user_id
    return (
        select(Watch.id)
        .where(
            Watch.state.in_([WatchState.OVERDUE, WatchState.SUPERSEDED]),
            ~exists().where(same_person, armed.state == WatchState.ARMED),
            ~exists().where(alert.user_id == Watch.user_id, alert.closed_at.is_(None)),
        )
        .order_by(Watch.started_at.desc())
    )


def _stuck(session: Session, late: datetime, limit: int) -> Sequence[UUID]:
    """Urgent messages that have not left, however often they were tried."""
    waiting = Message.state.in_([MessageState.PENDING, MessageState.LEASED])
    query = select(Message.id).where(
        Message.lane.in_(list(URGENT)), waiting, Message.created_at < late
    )
    return session.scalars(query.limit(limit)).all()


def _unsealed(session: Session, late: datetime) -> int:
    query = (
        select(func.count())
        .select_from(AuditPending)
        .join(AuditRow, AuditRow.id == AuditPending.audit_id)
        .where(AuditRow.at < late)
    )
    return session.scalar(query) or 0


def worker_alive(session: Session, *, now: datetime) -> bool:
    """True where a worker's heart beat within the last ten seconds."""
    query = select(ProcessPulse.id).where(
        ProcessPulse.kind == "worker", ProcessPulse.beat_at >= now - PULSE
    )
    return session.scalar(query.limit(1)) is not None


def repair(session: Session, findings: Findings, *, now: datetime) -> int:
    """Alerts put off too far act now, people without a timer fall due now; how many."""
    back = sum(_bring_back(session, alert_id, now) for alert_id in findings.lost_alerts)
    return back + sum(
        _revive(session, watch_id, now) for watch_id in findings.unguarded
    )


def _revive(session: Session, watch_id: UUID, now: datetime) -> bool:
    """Armed and due at once, so that the watch loop asks; one for each person."""
    watch = session.get_one(Watch, watch_id)
    session.get(Visit, watch.visit_id, with_for_update={"key_share": True})
    if any(
        one.state is WatchState.ARMED
        for one in watches.not_closed(session, watch.user_id)
    ):
        return False
    revive = states.Act.REVIVE
    return watches.move(session, watch, revive, actor_id=None, now=now, due_at=now)


def _bring_back(session: Session, alert_id: UUID, now: datetime) -> bool:
    alert = session.get_one(Alert, alert_id)
    claim = (
        update(Alert)
        .where(
            Alert.id == alert_id,
            Alert.moves == alert.moves,
            Alert.closed_at.is_(None),
        )
        .values(
            next_action_at=now, owner_id=None, owned_until=None, moves=alert.moves + 1
        )
        .execution_options(synchronize_session=False)
    )
    if session.connection().execute(claim).rowcount != 1:
        return False
    session.refresh(alert)
    timeline.add(session, alert, AlertEntryKind.REPAIRED, now=now)
    return True
