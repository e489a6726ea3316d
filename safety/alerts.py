"""Alerts: opened with their cause, owned by persons, closed by persons with words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from contact import outbox, wording
from core.actor import Actor
from core.errors import Conflict, Forbidden, NotFound
from core.words import AlertEntryKind, AlertKind, Lane, MessageKind, Role
from models import Alert, Organisation, User, Watch
from safety import colleagues, escalation, ladder, policies, timeline

OVERSEERS = frozenset({Role.SAFETY_OFFICER, Role.DISPATCHER})


def open_for(
    session: Session,
    *,
    organisation_id: UUID,
    kind: AlertKind,
    dedup_key: str,
    user_id: UUID,
    watch: Watch | None,
    visit_id: UUID | None,
    now: datetime,
) -> Alert:
    """Open an alert, freeze the policy on it and run its first step (promise 4)."""
    policy = policies.ladder(policies.of(session, organisation_id, kind))
    alert = Alert(
        organisation_id=organisation_id,
        kind=kind,
        dedup_key=dedup_key,
        user_id=user_id,
        watch_id=watch.id if watch else None,
        visit_id=visit_id,
        buddy_id=watch.buddy_id if watch else None,
        policy=policy.as_json(),
        opened_at=now,
        ladder_from=now,
        next_action_at=now,
        step=0,
        moves=0,
    )
    session.add(alert)
    session.flush()
    timeline.add(session, alert, AlertEntryKind.OPENED, now=now, kind_of=kind.value)
    escalation.climb(session, alert, now=now)
    return alert


def get(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """An alert that the actor oversees, or as a colleague was told of."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.organisation_id != actor.organisation_id:
        raise NotFound("alert")
    if actor.role not in OVERSEERS and actor.user_id not in told(session, alert):
        raise NotFound("alert")
    return alert


def page(
    session: Session,
    actor: Actor,
    *,
    only_open: bool,
    before: UUID | None,
    limit: int,
) -> Sequence[Alert]:
    """Newest first; ``before`` is the last id of the page before."""
    query = select(Alert).where(Alert.organisation_id == actor.organisation_id)
    if only_open:
        query = query.where(Alert.closed_at.is_(None))
    if before is not None:
        query = query.where(Alert.id < before)
    return session.scalars(query.order_by(Alert.id.desc()).limit(limit)).all()


def told(session: Session, alert: Alert) -> list[UUID]:
    """The users whom a message of this alert has reached or may have reached."""
    return outbox.told(session, alert.id)


def acknowledge(
    session: Session, actor: Actor, alert_id: UUID, *, now: datetime
) -> Alert:
    """A person other than the endangered takes ownership, for the policy's lease."""
    alert = _for_helper(session, actor, alert_id)
    lease = timedelta(seconds=ladder.thaw(alert.policy).lease_s)
    claim = (
        update(Alert)
        .where(Alert.id == alert.id, Alert.closed_at.is_(None))
        .values(
            owner_id=actor.user_id,
            owned_until=now + lease,
            next_action_at=now + lease,
            moves=Alert.moves + 1,
        )
    )
    _apply(session, alert, claim)
    timeline.add(
        session,
        alert,
        AlertEntryKind.ACKNOWLEDGED,
        actor_id=actor.user_id,
        now=now,
        until=now + lease,
    )
    return alert


def note(
    session: Session, actor: Actor, alert_id: UUID, *, words: str, now: datetime
) -> Alert:
    """Put words on the timeline; this pauses nothing."""
    alert = _for_helper(session, actor, alert_id)
    timeline.add(
        session,
        alert,
        AlertEntryKind.NOTE,
        actor_id=actor.user_id,
        words=words,
        now=now,
    )
    return alert


def may_close(actor: Actor, alert: Alert) -> None:
    """Overseers close alerts, never their own; only a safety officer closes an SOS."""
    if actor.user_id == alert.user_id or actor.role not in OVERSEERS:
        raise Forbidden(
            "Only a safety officer or a dispatcher may close an alert, and nobody "
            "their own."
        )
    if alert.kind is AlertKind.SOS and actor.role is not Role.SAFETY_OFFICER:
        raise Forbidden("Only a safety officer may close an SOS.")


def end(
    session: Session,
    alert: Alert,
    *,
    closed_by: UUID,
    how: str,
    words: str | None,
    now: datetime,
) -> bool:
    """Close once, call back what is unsent, tell everyone told; False: too late."""
    claim = (
        update(Alert)
        .where(Alert.id == alert.id, Alert.closed_at.is_(None))
        .values(
            closed_at=now,
            closed_by=closed_by,
            next_action_at=None,
            owner_id=None,
            owned_until=None,
            moves=Alert.moves + 1,
        )
    )
    try:
        _apply(session, alert, claim)
    except Conflict:
        return False
    timeline.add(
        session,
        alert,
        AlertEntryKind.CLOSED,
        actor_id=closed_by,
        words=words,
        now=now,
        how=how,
    )
    _all_clear(session, alert, now=now)
    return True


def _all_clear(session: Session, alert: Alert, *, now: datetime) -> None:
    outbox.cancel_for_alert(session, alert.organisation_id, alert.id, now=now)
    organisation = session.get_one(Organisation, alert.organisation_id)
    people = [session.get_one(User, user_id) for user_id in told(session, alert)]
    for user in people:
        outbox.enqueue(
            session,
            organisation_id=alert.organisation_id,
            kind=MessageKind.ALL_CLEAR,
            lane=Lane.ALERT,
            dedup_key=f"all_clear:{alert.id}:{user.id}",
            recipient=User.phone.readable(user),
            body=wording.all_clear(
                reference=escalation.reference(alert),
                language=wording.staff_language(organisation.country),
            ),
            user_id=user.id,
            visit_id=alert.visit_id,
            alert_id=alert.id,
            now=now,
        )
    timeline.add(
        session,
        alert,
        AlertEntryKind.ALL_CLEAR,
        now=now,
        told=[user.id for user in people],
    )


def _for_helper(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    alert = get(session, actor, alert_id)
    if actor.user_id == alert.user_id:
        raise Forbidden("You cannot act on an alert about yourself.")
    if actor.user_id in colleagues.partners(session, alert):
        raise Forbidden("A partner on the visit cannot act on its alert.")
    if alert.closed_at is not None:
        raise Conflict("This alert is closed.")
    return alert


def _apply(session: Session, alert: Alert, claim: object) -> None:
    result = session.execute(claim.execution_options(synchronize_session=False))  # type: ignore[attr-defined]
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict("This alert is closed.")
    session.refresh(alert)
