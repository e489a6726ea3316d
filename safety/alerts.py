"""Alerts: opened with their cause, owned by persons, closed by persons with words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Update, or_, select, update
from sqlalchemy.orm import Session

from contact import outbox, wording
from core.actor import Actor
from core.errors import Conflict, Forbidden, NotFound, one_field
from core.provider_words import ReplyMeans
from core.words import SILENT, AlertEntryKind, AlertKind, Lane, MessageKind, Role
from models import Alert, Organisation, User, claims, wake
from safety import colleagues, escalation, ladder, policies, timeline, watches

OVERSEERS = frozenset({Role.SAFETY_OFFICER, Role.DISPATCHER})
SHORTEST_WORDS = 3


def open_for(
    session: Session,
    *,
    organisation_id: UUID,
    kind: AlertKind,
    dedup_key: str,
    user_id: UUID,
    watch_id: UUID | None,
    buddy_id: UUID | None,
    visit_id: UUID | None,
    from_revoked_device: bool = False,
    now: datetime,
) -> Alert:
    """Open an alert, freeze the policy on it and run its first step (promise 4)."""
    policy = policies.ladder(policies.of(session, organisation_id, kind))
    alert = Alert(
        organisation_id=organisation_id,
        kind=kind,
        dedup_key=dedup_key,
        user_id=user_id,
        watch_id=watch_id,
        visit_id=visit_id,
        buddy_id=buddy_id,
        from_revoked_device=from_revoked_device,
        policy=policy.as_json(),
        opened_at=now,
        ladder_from=now,
        next_action_at=now,
        step=0,
        moves=0,
    )
    session.add(alert)
    session.flush()
    timeline.add(
        session,
        alert,
        AlertEntryKind.OPENED,
        from_revoked_device=from_revoked_device,
        now=now,
        kind_of=kind.value,
    )
    escalation.climb(session, alert, now=now)
    return alert


def get(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    """An alert that the actor oversees, or was told of."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.organisation_id != actor.organisation_id:
        raise NotFound("alert")
    if not oversees(actor.role, alert.kind) and (
        actor.user_id not in told(session, alert)
    ):
        raise NotFound("alert")
    return alert


def oversees(role: Role, kind: AlertKind) -> bool:
    """Officers all, dispatchers those that need not be kept from the phones beside."""
    return role in OVERSEERS and (role is Role.SAFETY_OFFICER or kind not in SILENT)


def page(
    session: Session,
    actor: Actor,
    *,
    only_open: bool,
    before: UUID | None,
    limit: int,
) -> Sequence[Alert]:
    """Newest first; ``before`` is the last id of the page before.

    Who does not oversee alerts sees those that he was told of: the admins who stand in
    where no safety officer can be reached.
    """
    query = _seen_by(actor)
    if only_open:
        query = query.where(Alert.closed_at.is_(None))
    if before is not None:
        query = query.where(Alert.id < before)
    return session.scalars(query.order_by(Alert.id.desc()).limit(limit)).all()


def _seen_by(actor: Actor) -> Select[Alert]:
    query = select(Alert).where(Alert.organisation_id == actor.organisation_id)
    if actor.role is Role.SAFETY_OFFICER:
        return query
    seen = Alert.id.in_(outbox.told_of(actor.user_id))
    return query.where(or_(colleagues.LOUD, seen) if actor.role in OVERSEERS else seen)


def unowned_first(session: Session, actor: Actor, *, limit: int) -> Sequence[Alert]:
    """Open alerts for the desk: those that nobody owns first, the oldest of them first.

    Among more than ``limit`` none that waits for a person is hidden by newer ones.
    """
    query = (
        _seen_by(actor)
        .where(Alert.closed_at.is_(None))
        .order_by(Alert.owner_id.is_not(None), Alert.id)
    )
    return session.scalars(query.limit(limit)).all()


def told(session: Session, alert: Alert) -> list[UUID]:
    """The users whom a message of this alert has reached or may have reached."""
    return outbox.told(session, alert.id)


def acknowledge(
    session: Session,
    actor: Actor,
    alert_id: UUID,
    *,
    now: datetime,
    by: ReplyMeans | None = None,
) -> Alert:
    """A person other than the endangered takes ownership, for the policy's lease.

    ``by``: he did so without the app; the timeline says how.

    Colleagues hold an alert for one lease at a time: taking it while it is owned does
    not make the pause longer, so that the ladder climbs on to a safety officer.
    """
    alert = _for_helper(session, actor, alert_id)
    until = now + timedelta(seconds=ladder.thaw(alert.policy).lease_s)
    if actor.role is Role.COLLECTOR and alert.owned_until is not None:
        until = alert.owned_until if alert.owned_until > now else until
    claim = (
        update(Alert)
        .where(Alert.id == alert.id, Alert.closed_at.is_(None))
        .values(
            owner_id=actor.user_id,
            owned_until=until,
            next_action_at=until,
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
        until=until,
        by=by or "app",
    )
    return alert


def note(
    session: Session, actor: Actor, alert_id: UUID, *, words: str, now: datetime
) -> Alert:
    """Put words on the timeline; this pauses nothing."""
    require_words(words)
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
    """Overseers close alerts, never their own; a dispatcher only a missed check-out.

    An admin whom an alert has told stands in for the safety officers.
    """
    if actor.user_id == alert.user_id or actor.role not in {*OVERSEERS, Role.ADMIN}:
        raise Forbidden(
            "Only a safety officer or a dispatcher may close an alert, and nobody "
            "their own."
        )
    if alert.kind is not AlertKind.OVERDUE and actor.role is Role.DISPATCHER:
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
    """Close once, call back what is unsent, tell everyone told; False: too late.

    The watches have moved before: while one is open nobody is told that he is safe.
    """
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
    watched_on = watches.is_open(session, alert.user_id)
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
                is_subject=user.id == alert.user_id,
                watched_on=watched_on,
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


def stir(
    session: Session,
    alert: Alert,
    entry: AlertEntryKind,
    *,
    from_revoked_device: bool,
    now: datetime,
) -> bool:
    """He has called once more: that ends any pause, and the ladder goes on at once.

    From a device in good standing it takes the mark off an alert that a lost one
    raised; never the other way round. False where the alert was closed in this very
    moment: a new one is called for.
    """
    unmarked = {} if from_revoked_device else {"from_revoked_device": False}
    again = (
        update(Alert)
        .where(Alert.id == alert.id, Alert.closed_at.is_(None))
        .values(
            next_action_at=now,
            owner_id=None,
            owned_until=None,
            moves=Alert.moves + 1,
            **unmarked,
        )
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, again) != 1:
        return False
    timeline.add(
        session, alert, entry, from_revoked_device=from_revoked_device, now=now
    )
    wake.workers(session)
    return True


def release_from(
    session: Session, organisation_id: UUID, owner_id: UUID, *, now: datetime
) -> int:
    """The owner can do nothing any more: his open alerts go on at once; how many.

    One that closes at the same time is left as it is.
    """
    free = (
        update(Alert)
        .where(
            Alert.organisation_id == organisation_id,
            Alert.owner_id == owner_id,
            Alert.closed_at.is_(None),
        )
        .values(owned_until=now, next_action_at=now, moves=Alert.moves + 1)
        .execution_options(synchronize_session=False)
    )
    released = claims.changed(session, free)
    wake.workers(session)
    return released


def require_words(words: str) -> None:
    """``Invalid`` for words that say nothing."""
    if len(words.strip()) < SHORTEST_WORDS:
        raise one_field("words", f"must have at least {SHORTEST_WORDS} characters.")


def _for_helper(session: Session, actor: Actor, alert_id: UUID) -> Alert:
    alert = get(session, actor, alert_id)
    if actor.user_id == alert.user_id:
        raise Forbidden("You cannot act on an alert about yourself.")
    if not colleagues.may_act(session, alert, session.get_one(User, actor.user_id)):
        raise Forbidden(
            "Partners on the visit, and people with an open alert of their own, "
            "cannot act on an alert."
        )
    if alert.closed_at is not None:
        raise Conflict("This alert is closed.")
    return alert


def _apply(session: Session, alert: Alert, claim: Update) -> None:
    quietly = claim.execution_options(synchronize_session=False)
    if claims.changed(session, quietly) != 1:
        raise Conflict("This alert is closed.")
    session.refresh(alert)
