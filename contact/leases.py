"""Leases on messages: taken before sending, fenced by the attempt, lost by time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, Update, func, select, update
from sqlalchemy.orm import Session

from contact.retries import Next
from core.words import Lane, MessageState
from models import Message, claims

LEASE = timedelta(seconds=30)  # over three times what a carrier may take


@dataclass(frozen=True, slots=True)
class Lease:
    """One sender's right to try a message once."""

    message_id: UUID
    organisation_id: UUID
    alert_id: UUID | None
    lane: Lane
    attempt: int
    taken_at: datetime


def free_expired(session: Session, lane: Lane, *, now: datetime) -> int:
    """A dead sender's messages wait again; never are they given up for it."""
    claim = (
        update(Message)
        .where(
            Message.lane == lane,
            Message.final_at.is_(None),
            Message.state == MessageState.LEASED,
            Message.leased_until <= now,
        )
        .values(state=MessageState.PENDING, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim)


def take(
    session: Session, lane: Lane, *, now: datetime, spare: bool = False
) -> Lease | None:
    """Lease the lane's first due message for 30 s; ``None``: nothing to do here.

    The organisation with the fewest messages on their way goes first, and of its
    messages what was never tried: neither one dead gateway nor one dead address keeps
    others waiting. ``spare``: only for organisations with none on its way.
    """
    message = session.scalars(_due(lane, now, spare=spare)).first()
    if message is None:
        return None
    lease = Lease(
        message.id,
        message.organisation_id,
        message.alert_id,
        lane,
        message.attempt + 1,
        now,
    )
    if not _claim(session, lease):
        return None
    session.refresh(message)
    return lease


def _due(lane: Lane, now: datetime, *, spare: bool) -> Select[Message]:
    waiting = Message.lane == lane, Message.final_at.is_(None)
    busy = (
        select(Message.organisation_id, func.count().label("many"))
        .where(*waiting, Message.state == MessageState.LEASED)
        .group_by(Message.organisation_id)
        .subquery()
    )
    on_their_way = func.coalesce(busy.c.many, 0)
    due = (
        select(Message)
        .outerjoin(busy, busy.c.organisation_id == Message.organisation_id)
        .where(
            *waiting,
            Message.state == MessageState.PENDING,
            Message.available_at <= now,
        )
        .order_by(on_their_way, Message.attempt > 0, Message.available_at, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Message)
    )
    return due.where(on_their_way == 0) if spare else due


def _claim(session: Session, lease: Lease) -> bool:
    claim = (
        update(Message)
        .where(
            Message.id == lease.message_id,
            Message.state == MessageState.PENDING,
            Message.attempt == lease.attempt - 1,
        )
        .values(
            state=MessageState.LEASED,
            leased_until=lease.taken_at + LEASE,
            attempt=lease.attempt,
        )
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim) == 1


def sent(session: Session, lease: Lease, *, now: datetime) -> bool:
    """Final: words and recipient are wiped. False: the lease is not ours any more."""
    return _end(session, lease, MessageState.SENT, now=now)


def missed(session: Session, lease: Lease, onward: Next, *, now: datetime) -> bool:
    """Wait for the next try, or give up. False: the lease is not ours any more."""
    if onward.state is MessageState.FAILED:
        return _end(session, lease, onward.state, now=now)
    return claims.changed(session, _held(lease).values(**_waits(onward))) == 1


def accepted(session: Session, lease: Lease, onward: Next, *, now: datetime) -> bool:
    """A provider took it and will report. False: the lease is not ours any more."""
    claim = _held(lease).values(**_waits(onward), accepted_at=now)
    return claims.changed(session, claim) == 1


def reported(
    session: Session, message_id: UUID, onward: Next | None, *, now: datetime
) -> bool:
    """A report came for what waits for one: delivered (``None``), or on it goes.

    False: it does not wait any more, or a sender has it in hand.
    """
    waits = (
        update(Message)
        .where(
            Message.id == message_id,
            Message.state == MessageState.PENDING,
            Message.accepted_at.is_not(None),
        )
        .execution_options(synchronize_session=False)
    )
    if onward is None:
        claim = waits.values(**_final(MessageState.SENT, now))
    else:
        claim = waits.values(**_waits(onward), accepted_at=None)
    return claims.changed(session, claim) == 1


def _waits(onward: Next) -> dict[str, object]:
    return {
        "state": onward.state,
        "channel_rank": onward.channel_rank,
        "tried": list(onward.tried),
        "available_at": onward.available_at,
        "leased_until": None,
    }


def _final(state: MessageState, now: datetime) -> dict[str, object]:
    """Words and recipient are wiped."""
    return {
        "state": state,
        "final_at": now,
        "leased_until": None,
        "recipient_sealed": None,
        "body_sealed": None,
    }


def _held(lease: Lease) -> Update:
    return (
        update(Message)
        .where(
            Message.id == lease.message_id,
            Message.state == MessageState.LEASED,
            Message.attempt == lease.attempt,
        )
        .execution_options(synchronize_session=False)
    )


def _end(session: Session, lease: Lease, state: MessageState, *, now: datetime) -> bool:
    return claims.changed(session, _held(lease).values(**_final(state, now))) == 1
