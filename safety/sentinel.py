"""The sentinel's round: do alerts move, do messages leave, are workers alive?

It trusts no single process: what should have happened and did not is found in the
tables, by looking from outside at the same rows the workers claim.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from core import rounds
from core.words import AlertEntryKind, Lane, WatchState
from models import (
    Alert,
    AuditPending,
    Message,
    ProcessPulse,
    Visit,
    Watch,
    WatchEvent,
    claims,
)
from safety import duress, states, timeline, watches

PATIENCE = timedelta(seconds=15)  # what is due for longer has been forgotten
FARTHEST = timedelta(seconds=1800 + 60)  # the longest lease: nothing is planned beyond
PULSE = timedelta(seconds=10)
URGENT = (Lane.SOS, Lane.ALERT)
MOST = 1000  # rows of each kind in one round

Found = Mapping[UUID, UUID]  # ids of rows, each with its organisation


@dataclass(frozen=True, slots=True)
class Findings:
    """What one round found.

    ``undelivered`` are calls for help that no channel of their organisation takes: that
    organisation is told of them, and they do not make the installation unclean.
    """

    late_watches: Found
    unguarded: Found
    unjudged: Found
    late_alerts: Found
    lost_alerts: Found
    unsent: Found
    undelivered: Found
    unsealed: int
    worker_alive: bool

    @property
    def late(self) -> bool:
        """Work that a worker should have done by now, or no worker to do it."""
        waiting = (self.late_watches, self.unjudged, self.late_alerts, self.unsent)
        return not self.worker_alive or any(waiting)

    @property
    def clean(self) -> bool:
        """True where nothing waits for somebody who does not come."""
        astray = (self.unguarded, self.lost_alerts)
        return not (self.late or any(astray) or self.unsealed)

    @property
    def organisations(self) -> frozenset[UUID]:
        """Whose collectors the findings concern."""
        watched = (self.late_watches, self.unguarded, self.unjudged)
        alerts = (self.late_alerts, self.lost_alerts)
        every = (*watched, *alerts, self.unsent, self.undelivered)
        return frozenset(one for found in every for one in found.values())

    def counts(self) -> dict[str, int | bool]:
        """Numbers for logs; no ids, no names."""
        return {
            "late_watches": len(self.late_watches),
            "unguarded": len(self.unguarded),
            "unjudged": len(self.unjudged),
            "late_alerts": len(self.late_alerts),
            "lost_alerts": len(self.lost_alerts),
            "unsent": len(self.unsent),
            "undelivered": len(self.undelivered),
            "unsealed": self.unsealed,
            "worker_alive": self.worker_alive,
        }


def inspect(session: Session, *, now: datetime) -> Findings:
    """Look at everything that could have been forgotten; nothing is changed."""
    late = now - PATIENCE
    due = Alert.next_action_at
    alerts = select(Alert.id, Alert.organisation_id).where(Alert.closed_at.is_(None))
    overdue = select(Watch.id, Watch.organisation_id).where(
        Watch.state == WatchState.ARMED, Watch.due_at < late
    )
    return Findings(
        late_watches=_found(session, overdue),
        unguarded=_found(session, _unguarded()),
        unjudged=_found(session, _unjudged(late)),
        late_alerts=_found(session, alerts.where(due < late)),
        lost_alerts=_found(session, alerts.where(due > now + FARTHEST)),
        unsent=_found(session, _unsent(late)),
        undelivered=_found(session, _undelivered(late)),
        unsealed=session.scalars(
            select(func.count(AuditPending.audit_id)).where(AuditPending.at < late)
        ).one(),
        worker_alive=worker_alive(session, now=now),
    )


def _found(session: Session, query: Select[UUID, UUID]) -> Found:
    return dict(session.execute(query.limit(MOST)).all())


def _unjudged(late: datetime) -> Select[UUID, UUID]:
    """PINs on which nobody has acted: one of them may be a call for help."""
    return select(WatchEvent.id, WatchEvent.organisation_id).where(
        *duress.WAITING, WatchEvent.received_at < late
    )


def _unguarded() -> Select[UUID, UUID]:
    """Open watches of people over whom nothing runs: no armed watch, no open alert."""
    armed, alert = aliased(Watch), aliased(Alert)
    same_person = armed.user_id == Watch.user_id
    return (
        select(Watch.id, Watch.organisation_id)
        .where(
            Watch.closed_at.is_(None),
            Watch.state != WatchState.ARMED,
            ~exists().where(same_person, armed.state == WatchState.ARMED),
            ~exists().where(alert.user_id == Watch.user_id, alert.closed_at.is_(None)),
        )
        .order_by(Watch.started_at.desc())
    )


def _urgent(late: datetime) -> Select[UUID, UUID]:
    return select(Message.id, Message.organisation_id).where(
        Message.final_at.is_(None),
        Message.lane.in_(list(URGENT)),
        Message.created_at < late,
    )


def _unsent(late: datetime) -> Select[UUID, UUID]:
    """Urgent messages that no sender has tried, or that a dead sender still holds."""
    untried = and_(Message.attempt == 0, Message.available_at < late)
    return _urgent(late).where(or_(untried, Message.leased_until < late))


def _undelivered(late: datetime) -> Select[UUID, UUID]:
    """Calls for help of open alerts that were tried, and that nobody has taken.

    What a provider took has left, whatever it says of it later.
    """
    is_open = exists().where(Alert.id == Message.alert_id, Alert.closed_at.is_(None))
    untaken = Message.accepted_at.is_(None)
    return _urgent(late).where(Message.attempt > 0, untaken, is_open)


def worker_alive(session: Session, *, now: datetime) -> bool:
    """True where a worker's heart beat within the last ten seconds."""
    query = select(ProcessPulse.id).where(
        ProcessPulse.kind == "worker", ProcessPulse.beat_at >= now - PULSE
    )
    return session.scalar(query.limit(1)) is not None


def repair(
    sessions: sessionmaker[Session],
    findings: Findings,
    *,
    clock_now: Callable[[Session], datetime],
) -> int:
    """Alerts put off too far act now, people without a timer fall due now; how many.

    Each in its own transaction; what fails is raised at the end and stops no other.
    """
    alone = partial(_alone, sessions, clock_now)
    return rounds.total(
        [
            *(partial(alone, _bring_back, one) for one in findings.lost_alerts),
            *(partial(alone, _revive, one) for one in findings.unguarded),
        ]
    )


def _alone(
    sessions: sessionmaker[Session],
    clock_now: Callable[[Session], datetime],
    work: Callable[[Session, UUID, datetime], bool],
    row_id: UUID,
) -> bool:
    with sessions.begin() as session:
        return work(session, row_id, clock_now(session))


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
    if claims.changed(session, claim) != 1:
        return False
    session.refresh(alert)
    timeline.add(session, alert, AlertEntryKind.REPAIRED, now=now)
    return True
