"""What a PIN said, acted on after the act: a duress PIN calls safety officers unseen.

The act itself stores which PIN it was, sealed, and does nothing else with it: whoever
stands beside the collector sees the same answer in the same time. The alert opens in a
transaction of a worker, once for each event, from the row that the act has committed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core import rounds
from core.words import AlertEntryKind, AlertKind, PinVerdict
from models import Alert, WatchEvent, claims, database
from safety import alerts, reports

GUESSING = timedelta(hours=1)
TOLD_AT = 3  # wrong PINs within the hour
REPEATED = AlertEntryKind.REPEATED_DURESS
WAITING = (WatchEvent.judged_at.is_(None), WatchEvent.verdict_sealed.is_not(None))


def judge_due(
    sessions: sessionmaker[Session],
    *,
    clock_now: Callable[[Session], datetime],
    limit: int = 100,
) -> int:
    """Act on every PIN that nobody has acted on; how many.

    One that cannot be judged stops no other; the failures are raised at the end.
    """
    with database.reading(sessions) as session:
        due = _unjudged(session, limit)
    return rounds.total(
        partial(_judge_one, sessions, event_id, clock_now) for event_id in due
    )


def next_due(session: Session) -> datetime | None:
    """When the oldest PIN came that nobody has acted on."""
    return session.scalar(select(func.min(WatchEvent.received_at)).where(*WAITING))


def _unjudged(session: Session, limit: int) -> Sequence[UUID]:
    query = select(WatchEvent.id).where(*WAITING).order_by(WatchEvent.received_at)
    return session.scalars(query.limit(limit)).all()


def _judge_one(
    sessions: sessionmaker[Session],
    event_id: UUID,
    clock_now: Callable[[Session], datetime],
) -> bool:
    with sessions.begin() as session:
        event = session.get_one(WatchEvent, event_id)
        return judge(session, event, now=clock_now(session))


def judge(session: Session, event: WatchEvent, *, now: datetime) -> bool:
    """Claim the event and open what it calls for; False: somebody else has it."""
    claim = (
        update(WatchEvent)
        .where(WatchEvent.id == event.id, WatchEvent.judged_at.is_(None))
        .values(judged_at=now)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    if (kind := _calls_for(session, event)) is not None:
        _open(session, event, kind, now=now)
    return True


def _calls_for(session: Session, event: WatchEvent) -> AlertKind | None:
    """A verdict that cannot be read counts as the one that calls for help."""
    match WatchEvent.verdict.readable(event):
        case PinVerdict.NORMAL:
            return None
        case PinVerdict.WRONG:
            many = reports.wrong_pins(
                session, event, since=event.received_at - GUESSING
            )
            return AlertKind.WRONG_PINS if many and many % TOLD_AT == 0 else None
        case _:
            return AlertKind.DURESS


def _open(
    session: Session, event: WatchEvent, kind: AlertKind, *, now: datetime
) -> None:
    """An alert of its own, or a line on the one that is open already."""
    query = select(Alert).where(
        Alert.user_id == event.user_id, Alert.kind == kind, Alert.closed_at.is_(None)
    )
    alert = session.scalars(query).first()
    lost = event.from_revoked_device
    if alert is not None and alerts.stir(
        session, alert, REPEATED, from_revoked_device=lost, now=now
    ):
        return
    alerts.open_for(
        session,
        organisation_id=event.organisation_id,
        kind=kind,
        dedup_key=f"{kind}:{event.id}",
        user_id=event.user_id,
        watch_id=event.watch_id,
        buddy_id=None,
        visit_id=event.visit_id,
        from_revoked_device=lost,
        now=now,
    )
