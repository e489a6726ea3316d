"""Send what waits in a lane: lease in a transaction, send in none, record in a third.

A message may leave twice, under the same reference, when its sender dies in between; it
is never lost. A failure of one message stops no other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from contact import channels, clearances, leases, outbox, retries
from contact.carriers import Carrier, Outgoing, SendError
from contact.leases import Lease
from core.words import Lane, MessageKind, MessageState
from models import Alert, Message, MessageChannel, Receipt

log = structlog.get_logger("vouchsafe.dispatch")

Carry = Callable[[MessageChannel], Carrier]
ClockNow = Callable[[Session], datetime]

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Job:
    """A leased message, opened, and the channel that shall carry it."""

    outgoing: Outgoing
    channel: MessageChannel


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt; ``channel`` is ``None`` where it came to none."""

    accepted: bool
    reason: str
    permanent: bool = False
    channel: MessageChannel | None = None


def round_(
    sessions: sessionmaker[Session],
    *,
    lane: Lane,
    carry: Carry,
    clock_now: ClockNow,
    limit: int = 50,
) -> int:
    """Try up to ``limit`` due messages of a lane, one by one; how many were tried.

    One at a time, so that no lease runs out while others are being sent. Any number of
    processes may do this at once.
    """
    with sessions.begin() as session:
        leases.free_expired(session, lane, now=clock_now(session))
    tried = 0
    while tried < limit and _one(sessions, lane, carry, clock_now):
        tried += 1
    return tried


def _one(
    sessions: sessionmaker[Session], lane: Lane, carry: Carry, clock_now: ClockNow
) -> bool:
    with sessions.begin() as session:
        lease = leases.take(session, lane, now=clock_now(session))
        ready = _prepare(session, lease) if lease else None
    if lease is None:
        return False
    result = _send(ready, carry) if isinstance(ready, Job) else ready
    if result is not None:
        with sessions.begin() as session:
            _record(session, lease, result, now=clock_now(session))
    return True


def _prepare(session: Session, lease: Lease) -> Job | Result | None:
    """What to send by which channel; ``None``: settled, nothing is sent or recorded.

    Whatever goes wrong is this message's failure; its lease stands, and is recorded.
    """
    try:
        with session.begin_nested():
            return _job(session, lease)
    except Exception as error:
        log.error("not prepared", reference=str(lease.message_id), exc_info=error)
        return Result(False, f"not prepared: {type(error).__name__}")


def _job(session: Session, lease: Lease) -> Job | Result | None:
    message = session.get_one(Message, lease.message_id)
    if message.kind is MessageKind.ALERT_STEP and not _alert_open(session, lease):
        outbox.finish(message, MessageState.CANCELLED, now=lease.taken_at)
        return None
    if message.recipient is None or message.body is None:
        outbox.finish(message, MessageState.FAILED, now=lease.taken_at)
        failure = Result(False, "no recipient")
        session.add(_receipt(lease, failure, lease.taken_at))
        return None
    ways = channels.enabled(session, message.organisation_id)
    if not ways:
        return Result(False, "no channel")
    channel = next((one for one in ways if one.rank >= message.channel_rank), ways[0])
    outgoing = Outgoing(
        reference=message.id,
        organisation_id=message.organisation_id,
        kind=message.kind,
        lane=message.lane,
        recipient=message.recipient,
        body=message.body,
        at=lease.taken_at,
    )
    if message.kind in clearances.TO_BORROWERS and not _cleared(
        session, message, lease
    ):
        return None
    return Job(outgoing, channel)


def _cleared(session: Session, message: Message, lease: Lease) -> bool:
    """The gate's last word; a refused message waits for its hour, or never leaves."""
    clearance = clearances.ask(session, message, now=lease.taken_at)
    if clearance.allowed:
        return True
    refused = Result(False, clearance.why)
    session.add(_receipt(lease, refused, lease.taken_at))
    if clearance.later is None:
        outbox.finish(message, MessageState.CANCELLED, now=lease.taken_at)
    else:
        message.state = MessageState.PENDING
        message.leased_until = None
        message.available_at = clearance.later
    return False


def _send(job: Job, carry: Carry) -> Result:
    try:
        note = carry(job.channel).send(job.outgoing)
    except SendError as error:
        return Result(False, error.reason, error.permanent, job.channel)
    except Exception as error:
        log.error("not sent", reference=str(job.outgoing.reference), exc_info=error)
        return Result(False, type(error).__name__, channel=job.channel)
    return Result(True, note, channel=job.channel)


def _record(session: Session, lease: Lease, result: Result, *, now: datetime) -> None:
    """The receipt and what follows from it; nothing at all if the lease is lost."""
    if result.accepted:
        ours = leases.sent(session, lease, now=now)
    else:
        onward = retries.after(_failed(session, lease, result), now=now)
        ours = leases.missed(session, lease, onward, now=now)
        log.warning(
            "not delivered",
            reference=str(lease.message_id),
            attempt=lease.attempt,
            reason=result.reason,
            then=str(onward.state),
        )
    if ours:
        session.add(_receipt(lease, result, now))


def _failed(session: Session, lease: Lease, result: Result) -> retries.Failed:
    ways = channels.enabled(session, lease.organisation_id)
    return retries.Failed(
        lane=lease.lane,
        attempt=lease.attempt,
        permanent=result.permanent,
        alert_open=_alert_open(session, lease),
        ranks=[channel.rank for channel in ways],
        tried=result.channel.rank if result.channel else None,
    )


def _alert_open(session: Session, lease: Lease) -> bool:
    if lease.alert_id is None:
        return False
    return session.get_one(Alert, lease.alert_id).closed_at is None


def _receipt(lease: Lease, result: Result, now: datetime) -> Receipt:
    return Receipt(
        organisation_id=lease.organisation_id,
        message_id=lease.message_id,
        attempt=lease.attempt,
        channel=result.channel.kind if result.channel else None,
        accepted=result.accepted,
        reason=result.reason[:LONGEST_REASON],
        started_at=lease.taken_at,
        at=now,
    )


def next_due(session: Session, lane: Lane) -> datetime | None:
    """When this lane has something to do again: a message is due or a lease ends."""
    moment = func.min(func.coalesce(Message.leased_until, Message.available_at))
    waiting = Message.lane == lane, Message.final_at.is_(None)
    return session.scalar(select(moment).where(*waiting))
