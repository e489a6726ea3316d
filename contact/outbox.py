"""The outbox: messages written in the transaction of their cause, sent after it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.actor import Actor
from core.words import SILENT, Lane, MessageKind, MessageState, Role
from models import Alert, Message, User, claims, wake

# what has no meaning any more once the visit has ended
OF_THE_VISIT = (MessageKind.VISIT_NOTICE, MessageKind.DEPARTURE)
# a call for help that was not called back before anybody tried to send it
_MAY_HAVE_TOLD = (
    Message.kind == MessageKind.ALERT_STEP,
    or_(Message.state != MessageState.CANCELLED, Message.attempt > 0),
)


class _Own(TypedDict):
    """What each of them has for himself."""

    dedup_key: str
    user_id: UUID
    recipient: str


class _Same(TypedDict):
    """What messages to many people have in common."""

    organisation_id: UUID
    kind: MessageKind
    lane: Lane
    body: str
    visit_id: UUID | None


def enqueue(
    session: Session,
    *,
    organisation_id: UUID,
    kind: MessageKind,
    lane: Lane,
    dedup_key: str,
    recipient: str | None,
    body: str,
    now: datetime,
    user_id: UUID | None = None,
    case_id: UUID | None = None,
    visit_id: UUID | None = None,
    alert_id: UUID | None = None,
    available_at: datetime | None = None,
) -> Message | None:
    """One message to one person; ``None``: that dedup key is there already.

    ``recipient`` is E.164. Not sent before ``available_at``, at once without it.
    """
    if _exists(session, organisation_id, dedup_key):
        return None
    message = Message(
        organisation_id=organisation_id,
        kind=kind,
        lane=lane,
        dedup_key=dedup_key,
        recipient=recipient,
        body=body,
        user_id=user_id,
        case_id=case_id,
        visit_id=visit_id,
        alert_id=alert_id,
        available_at=available_at or now,
        created_at=now,
    )
    return message if _insert(session, message) else None


def enqueue_for_all(
    session: Session,
    people: Sequence[User],
    *,
    organisation_id: UUID,
    kind: MessageKind,
    lane: Lane,
    once: str,
    body: str,
    now: datetime,
    visit_id: UUID | None = None,
) -> None:
    """The same words to each of our own people whose phone can be read.

    ``once`` names the occasion: who has his message of it already gets no second one.
    As many statements for a hundred people as for one: somebody may wait at a door.
    """
    keys = {f"{once}:{user.id}": user for user in people}
    query = select(Message.dedup_key).where(
        Message.organisation_id == organisation_id, Message.dedup_key.in_(keys)
    )
    there = set(session.scalars(query))
    facts: _Same = {
        "organisation_id": organisation_id,
        "kind": kind,
        "lane": lane,
        "body": body,
        "visit_id": visit_id,
    }
    fresh: list[_Own] = [
        {"dedup_key": key, "user_id": user.id, "recipient": phone}
        for key, user in keys.items()
        if key not in there and (phone := User.phone.readable(user)) is not None
    ]
    try:
        with session.begin_nested():
            times = {"available_at": now, "created_at": now}
            session.add_all(Message(**facts, **times, **one) for one in fresh)
    except IntegrityError:  # somebody else has just written to some of them
        for one in fresh:
            enqueue(session, **facts, **one, now=now)
    wake.workers(session)


def finish(message: Message, state: MessageState, *, now: datetime) -> None:
    """Bring a message to a final state: its words and its recipient are wiped."""
    message.state = state
    message.final_at = now
    message.leased_until = None
    message.recipient = None
    message.body = None


def call_back(message: Message, *, now: datetime) -> None:
    """What is unsent is cancelled; what a provider has taken only goes no further."""
    left = message.accepted_at is not None
    state = MessageState.SENT if left else MessageState.CANCELLED
    finish(message, state, now=now)


def alert_open(session: Session, message: Message) -> bool:
    """Does the message belong to an alert that is open?"""
    if message.alert_id is None:
        return False
    return session.get_one(Alert, message.alert_id).closed_at is None


def cancel_for_visit(
    session: Session,
    organisation_id: UUID,
    visit_id: UUID,
    *,
    kinds: Sequence[MessageKind],
    now: datetime,
) -> int:
    """Call back what is still unsent about a visit; how many that were."""
    found = _locked(
        session,
        organisation_id,
        Message.visit_id == visit_id,
        Message.state == MessageState.PENDING,
        Message.kind.in_(kinds),
    )
    return _cancel(session, found, now)


def cancel_for_alert(
    session: Session, organisation_id: UUID, alert_id: UUID, *, now: datetime
) -> int:
    """Call back the unsent calls for help of an alert that has closed."""
    found = _locked(
        session,
        organisation_id,
        Message.alert_id == alert_id,
        Message.state == MessageState.PENDING,
        Message.kind == MessageKind.ALERT_STEP,
    )
    return _cancel(session, found, now)


def wipe_for_visit(
    session: Session, organisation_id: UUID, visit_id: UUID, *, now: datetime
) -> int:
    """The visit has ended: its notice and the buddy's note are worth nothing now.

    One that a sender holds is wiped too; he finds his lease gone. Calls for help and
    what dispatchers must know stay: an alarm outlives its visit.
    """
    found = _locked(
        session,
        organisation_id,
        Message.visit_id == visit_id,
        Message.final_at.is_(None),
        Message.kind.in_(OF_THE_VISIT),
    )
    return _cancel(session, found, now)


def wipe_for_visits(
    session: Session,
    organisation_id: UUID,
    visits: Select[UUID],
    *,
    kinds: Sequence[MessageKind],
    now: datetime,
) -> int:
    """Whom these visits were to is erased: no words and no number of his stay.

    What is unsent is called back, and what a sender holds is his no more. How many had
    something left.
    """
    mine = Message.visit_id.in_(visits), Message.kind.in_(kinds)
    waiting = _locked(session, organisation_id, *mine, Message.final_at.is_(None))
    _cancel(session, waiting, now)
    left = or_(Message.body_sealed.is_not(None), Message.recipient_sealed.is_not(None))
    wipe = (
        update(Message)
        .where(Message.organisation_id == organisation_id, *mine, left)
        .values(body_sealed=None, recipient_sealed=None)
        .execution_options(synchronize_session=False)
    )
    return len(waiting) + claims.changed(session, wipe)


def waits(session: Session, user_id: UUID, kind: MessageKind) -> bool:
    """True where a message of this kind to this user is still unsent."""
    query = select(Message.id).where(
        Message.user_id == user_id, Message.kind == kind, Message.final_at.is_(None)
    )
    return session.scalar(query.limit(1)) is not None


def told_of(user_id: UUID) -> Select[UUID | None]:
    """The alerts of which ``told`` names a user; a subquery."""
    return select(Message.alert_id).where(Message.user_id == user_id, *_MAY_HAVE_TOLD)


def told(session: Session, alert_id: UUID) -> list[UUID]:
    """Users whom a call for help of this alert has reached or may have reached.

    Left out are those whose message was called back before anybody tried to send it.
    """
    query = select(Message.user_id).where(
        Message.alert_id == alert_id, Message.user_id.is_not(None), *_MAY_HAVE_TOLD
    )
    return [user for user in session.scalars(query.distinct()) if user is not None]


def pairs_told(
    session: Session, alert_ids: Collection[UUID], user_ids: Collection[UUID]
) -> frozenset[tuple[UUID, UUID]]:
    """Which of these users (alert id, user id) ``told`` would name."""
    query = select(Message.alert_id, Message.user_id).where(
        Message.alert_id.in_(alert_ids),
        Message.user_id.in_(user_ids),
        *_MAY_HAVE_TOLD,
    )
    found = session.execute(query.distinct())
    return frozenset((alert, user) for alert, user in found if alert and user)


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    visit_id: UUID | None = None,
    alert_id: UUID | None = None,
) -> Sequence[Message]:
    """Oldest first, after that id; of one visit, of one alert, or all.

    Those of silent alerts are shown to safety officers alone.
    """
    query = select(Message).where(Message.organisation_id == actor.organisation_id)
    if actor.role is not Role.SAFETY_OFFICER:
        silent = select(Alert.id).where(
            Alert.organisation_id == actor.organisation_id,
            Alert.kind.in_(list(SILENT)),
        )
        query = query.where(
            or_(Message.alert_id.is_(None), Message.alert_id.not_in(silent))
        )
    if visit_id is not None:
        query = query.where(Message.visit_id == visit_id)
    if alert_id is not None:
        query = query.where(Message.alert_id == alert_id)
    if after is not None:
        query = query.where(Message.id > after)
    return session.scalars(query.order_by(Message.id).limit(limit)).all()


def _exists(session: Session, organisation_id: UUID, dedup_key: str) -> bool:
    query = select(Message.id).where(
        Message.organisation_id == organisation_id, Message.dedup_key == dedup_key
    )
    return session.scalar(query) is not None


def _insert(session: Session, message: Message) -> bool:
    """False where another transaction came first with the same key."""
    organisation_id, key = message.organisation_id, message.dedup_key
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:
        if not _exists(session, organisation_id, key):
            raise
        return False
    wake.workers(session)
    return True


def _locked(
    session: Session, organisation_id: UUID, *conditions: ColumnElement[bool]
) -> Sequence[Message]:
    """The messages as they are now, held until this transaction ends."""
    query = (
        select(Message)
        .where(Message.organisation_id == organisation_id, *conditions)
        .order_by(Message.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _cancel(session: Session, messages: Sequence[Message], now: datetime) -> int:
    for message in messages:
        call_back(message, now=now)
    session.flush()
    return len(messages)
