"""Watches as rows: lock, find, arm, move; every move leaves a transition."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, selectinload

from accounts import audit, users
from accounts.passwords import Pins
from core.actor import Actor
from core.errors import NotFound
from core.words import Outcome, WatchState
from models import User, Visit, Watch, WatchTransition, claims, database, wake
from safety import states, timers


def lock_visit(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """The visit row locked, then the collector's own row: the order used everywhere.

    Read as they are then, with the visitors, which only who holds the visit changes.
    NO KEY UPDATE leaves foreign keys, and so the rows of an SOS, unhindered.
    """
    query = (
        select(Visit, User)
        .join(User, User.organisation_id == Visit.organisation_id)
        .where(
            Visit.id == visit_id,
            Visit.organisation_id == actor.organisation_id,
            User.id == actor.user_id,
        )
        .options(selectinload(Visit.visitors))
        .execution_options(populate_existing=True)
        .with_for_update(key_share=True, of=[Visit, User])
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("visit")
    visit, user = found
    database.hold(session, visit, user)
    return visit


def not_closed(session: Session, user_id: UUID) -> list[Watch]:
    """The collector's armed, overdue and superseded watches, oldest first."""
    query = select(Watch).where(
        Watch.user_id == user_id, Watch.state.in_(list(states.OPEN))
    )
    fresh = query.order_by(Watch.started_at).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def of_then(
    session: Session, actor: Actor, visit_id: UUID, *, happened_at: datetime
) -> Watch | None:
    """The collector's latest watch over this visit that had begun by ``happened_at``.

    What happened before a check-in says nothing about the watch that it armed.
    """
    query = select(Watch).where(
        Watch.organisation_id == actor.organisation_id,
        Watch.visit_id == visit_id,
        Watch.user_id == actor.user_id,
        Watch.started_at <= happened_at + timers.JITTER,
    )
    ordered = query.order_by(Watch.started_at.desc(), Watch.id.desc())
    fresh = ordered.execution_options(populate_existing=True)
    return session.scalars(fresh.limit(1)).first()


def is_open(session: Session, user_id: UUID) -> bool:
    """True while any watch over the user is not closed."""
    query = select(Watch.id).where(
        Watch.user_id == user_id, Watch.state.in_(list(states.OPEN))
    )
    return session.scalar(query.limit(1)) is not None


def pins_in_force(session: Session, user: User) -> Pins:
    """What a PIN is held against: the PINs of when the oldest open watch began.

    Whoever changes the PIN meanwhile, by force or with a stolen phone, ends none.
    """
    begun = not_closed(session, user.id)
    return users.pins_of(session, user, since=begun[0].started_at if begun else None)


def was_open(session: Session, user_id: UUID, *, since: datetime) -> bool:
    """True where a watch over the user is open, or was at some time since then."""
    query = select(Watch.id).where(
        Watch.user_id == user_id,
        or_(Watch.closed_at.is_(None), Watch.closed_at >= since),
    )
    return session.scalar(query.limit(1)) is not None


def add(
    session: Session, watch: Watch, *, reason: str, actor_id: UUID, now: datetime
) -> None:
    """Store a new watch with its first transition."""
    session.add(watch)
    session.flush()
    _record(session, watch, None, reason=reason, actor_id=actor_id, now=now)


def move(
    session: Session,
    watch: Watch,
    act: states.Act,
    *,
    actor_id: UUID | None,
    now: datetime,
    due_at: datetime | None = None,
    outcome: Outcome | None = None,
) -> bool:
    """Apply one act by conditional UPDATE over state and due; False: it does not apply.

    A watch that moved meanwhile (it fell due) is read again and tried once more. One
    whose due lies ahead, maybe since a moment ago, does not fall due.
    """
    for _ in range(2):
        old = watch.state
        new = states.advance(old, act)
        if new is None or (act is states.Act.FALL_DUE and watch.due_at > now):
            return False
        if _claim(session, watch, new, now=now, due_at=due_at, outcome=outcome):
            _record(session, watch, old, reason=act, actor_id=actor_id, now=now)
            return True
        session.refresh(watch)
    return False


def set_due(
    session: Session,
    watch: Watch,
    due_at: datetime,
    *,
    reason: str,
    actor_id: UUID,
    now: datetime,
) -> bool:
    """Move the due of an armed watch; False where it is not armed any more."""
    claim = (
        update(Watch)
        .where(Watch.id == watch.id, Watch.state == WatchState.ARMED)
        .values(due_at=due_at)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    session.refresh(watch)
    _record(session, watch, watch.state, reason=reason, actor_id=actor_id, now=now)
    return True


def _claim(
    session: Session,
    watch: Watch,
    new: WatchState,
    *,
    now: datetime,
    due_at: datetime | None,
    outcome: Outcome | None,
) -> bool:
    values: dict[str, object] = {"state": new}
    if new is WatchState.CLOSED:
        values |= {"closed_at": now, "outcome": outcome}
    if due_at is not None:
        values |= {"due_at": due_at, "own_due_at": due_at}
    claim = (
        update(Watch)
        .where(
            Watch.id == watch.id,
            Watch.state == watch.state,
            Watch.due_at == watch.due_at,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    session.refresh(watch)
    return True


def _record(
    session: Session,
    watch: Watch,
    old: WatchState | None,
    *,
    reason: str,
    actor_id: UUID | None,
    now: datetime,
) -> None:
    """The transition and its audit; a due that is near wakes the worker."""
    session.add(
        WatchTransition(
            organisation_id=watch.organisation_id,
            watch_id=watch.id,
            old=old,
            new=watch.state,
            due_at=watch.due_at,
            reason=reason,
            actor_id=actor_id,
            at=now,
        )
    )
    audit.record(
        session,
        organisation_id=watch.organisation_id,
        actor_id=actor_id,
        action=f"watch.{reason}",
        subject="watches",
        subject_id=watch.id,
        now=now,
        state=watch.state.value,
        due_at=watch.due_at,
    )
    if watch.state is WatchState.ARMED and watch.due_at <= now + wake.SOON:
        wake.workers(session)
