"""Climb the ladder: claim an alert's next action and tell whom the step reaches."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from contact import outbox, wording
from core import ids, rounds
from core.words import (
    SILENT,
    AlertEntryKind,
    AlertKind,
    Lane,
    MessageKind,
    Role,
)
from models import Alert, Organisation, User, claims, database
from safety import ladder, recipients, timeline
from safety.whom import Recipient

LANES = {
    AlertKind.SOS: Lane.SOS,
    AlertKind.DURESS: Lane.SOS,
    AlertKind.OVERDUE: Lane.ALERT,
    AlertKind.WRONG_PINS: Lane.ALERT,
}
# whoever a silent alert's ladder names: it reaches these roles, and nobody else
TRUSTED = frozenset({Role.SAFETY_OFFICER, Role.ADMIN})


def run_due(
    sessions: sessionmaker[Session],
    *,
    clock_now: Callable[[Session], datetime],
    limit: int = 100,
) -> int:
    """Run every due step, each in its own transaction; the number of steps run.

    One that cannot be run stops no other; the failures are raised at the end.
    """
    with database.reading(sessions) as session:
        due = _due(session, clock_now(session), limit)
    return rounds.total(
        partial(_run, sessions, alert_id, clock_now) for alert_id in due
    )


def _run(
    sessions: sessionmaker[Session],
    alert_id: UUID,
    clock_now: Callable[[Session], datetime],
) -> bool:
    with sessions.begin() as session:
        alert = session.get_one(Alert, alert_id)
        return climb(session, alert, now=clock_now(session))


def _due(session: Session, now: datetime, limit: int) -> Sequence[UUID]:
    query = (
        select(Alert.id)
        .where(Alert.closed_at.is_(None), Alert.next_action_at <= now)
        .order_by(Alert.next_action_at)
        .limit(limit)
    )
    return session.scalars(query).all()


def next_due(session: Session) -> datetime | None:
    """The earliest next action of an open alert."""
    is_open = Alert.closed_at.is_(None)
    return session.scalar(select(func.min(Alert.next_action_at)).where(is_open))


def climb(session: Session, alert: Alert, *, now: datetime) -> bool:
    """Run the next step in the caller's transaction; False: somebody else did.

    An alert that another worker has just moved on is not due any more: its next step
    comes at its own time, however many workers had this one on their lists.
    """
    if alert.next_action_at is None or alert.next_action_at > now:
        return False
    frozen = ladder.thaw(alert.policy)
    move = ladder.next_move(
        frozen,
        step=alert.step,
        ladder_from=alert.ladder_from,
        owned_until=alert.owned_until,
        now=now,
    )
    if move is None or not _claim(session, alert, move):
        return False
    if move.lease_expired:
        timeline.add(session, alert, AlertEntryKind.LEASE_EXPIRED, now=now)
    told = tell(session, alert, move.recipients, now=now)
    if not told:
        alert.next_action_at = ladder.after_nobody(frozen, move, now)
    kind = AlertEntryKind.STEP if told else AlertEntryKind.REACHED_NOBODY
    timeline.add(
        session, alert, kind, now=now, step=move.place, told=[user.id for user in told]
    )
    session.flush()
    return True


def _claim(session: Session, alert: Alert, move: ladder.Move) -> bool:
    """Exactly one process moves an alert on: the fence guards all we relied on."""
    claim = (
        update(Alert)
        .where(
            Alert.id == alert.id, Alert.moves == alert.moves, Alert.closed_at.is_(None)
        )
        .values(
            moves=alert.moves + 1,
            step=move.step,
            ladder_from=move.ladder_from,
            next_action_at=move.next_at,
            owner_id=None,
            owned_until=None,
        )
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    session.refresh(alert)
    return True


def tell(
    session: Session, alert: Alert, who: Sequence[Recipient], *, now: datetime
) -> list[User]:
    """Enqueue one message to each reachable person; those persons."""
    found = recipients.of(session, alert, who, now=now)
    if alert.kind in SILENT:
        found = [user for user in found if user.role in TRUSTED]
    phones = {user.id: User.phone.readable(user) for user in found}
    people = [user for user in found if phones[user.id]]
    organisation = session.get_one(Organisation, alert.organisation_id)
    for user in people:
        outbox.enqueue(
            session,
            organisation_id=alert.organisation_id,
            kind=MessageKind.ALERT_STEP,
            lane=LANES[alert.kind],
            dedup_key=f"alert:{alert.id}:{alert.moves}:{user.id}",
            recipient=phones[user.id],
            body=_body(alert, user, organisation),
            user_id=user.id,
            visit_id=alert.visit_id,
            alert_id=alert.id,
            now=now,
        )
    return people


def _body(alert: Alert, user: User, organisation: Organisation) -> str:
    return wording.alert_step(
        kind=alert.kind,
        role=user.role,
        is_subject=user.id == alert.user_id,
        from_revoked_device=alert.from_revoked_device,
        reference=reference(alert),
        language=wording.staff_language(organisation.country),
    )


def reference(alert: Alert) -> str:
    """Six characters by which people name an alert on the phone."""
    return ids.short(alert.id)
