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

from contact import answering, clearances, leases, order, outbox, outcomes
from contact.carriers import Carrier, Note, Outgoing, SendError
from contact.leases import Lease
from contact.outcomes import Result
from core.words import Lane, MessageKind, MessageState
from models import Message, MessageChannel

log = structlog.get_logger("vouchsafe.dispatch")

Carry = Callable[[MessageChannel], Carrier]
ClockNow = Callable[[Session], datetime]


@dataclass(frozen=True, slots=True)
class Sender:
    """What one round works with, see ``round_``."""

    lane: Lane
    carry: Carry
    clock_now: ClockNow
    spare: bool
    demo: bool


@dataclass(frozen=True, slots=True)
class Job:
    """A leased message, opened, and the channel that shall carry it."""

    outgoing: Outgoing
    channel: MessageChannel


def round_(
    sessions: sessionmaker[Session],
    *,
    lane: Lane,
    carry: Carry,
    clock_now: ClockNow,
    limit: int = 50,
    spare: bool = False,
    demo: bool = False,
) -> int:
    """Try up to ``limit`` due messages of a lane, one by one; how many were tried.

    One at a time, so that no lease runs out while others are being sent. Any number of
    processes may do this at once. ``spare``: a sender that serves only organisations
    for which no other is sending. ``demo``: console and file may finish a message.
    """
    with sessions.begin() as session:
        leases.free_expired(session, lane, now=clock_now(session))
    sender, tried = Sender(lane, carry, clock_now, spare, demo), 0
    while tried < limit and _one(sessions, sender):
        tried += 1
    return tried


def _one(sessions: sessionmaker[Session], sender: Sender) -> bool:
    clock_now, demo = sender.clock_now, sender.demo
    with sessions.begin() as session:
        now = clock_now(session)
        lease = leases.take(session, sender.lane, now=now, spare=sender.spare)
        ready = _prepare(session, lease, demo=demo) if lease else None
    if lease is None:
        return False
    result = _send(ready, sender.carry) if isinstance(ready, Job) else ready
    if result is not None:
        with sessions.begin() as session:
            now = clock_now(session)
            outcomes.record(session, lease, result, now=now, demo=demo)
    return True


def _prepare(session: Session, lease: Lease, *, demo: bool) -> Job | Result | None:
    """What to send by which channel; ``None``: settled, nothing is sent or recorded.

    Whatever goes wrong is this message's failure; its lease stands, and is recorded.
    """
    try:
        with session.begin_nested():
            return _job(session, lease, demo=demo)
    except Exception as error:
        log.error("not prepared", reference=str(lease.message_id), exc_info=error)
        return Result(False, f"not prepared: {type(error).__name__}")


def _job(session: Session, lease: Lease, *, demo: bool) -> Job | Result | None:
    message = session.get_one(Message, lease.message_id)
    if message.kind is MessageKind.ALERT_STEP and not outbox.alert_open(
        session, message
    ):
        outbox.call_back(message, now=lease.taken_at)
        return None
    if message.recipient is None or message.body is None:
        outbox.finish(message, MessageState.FAILED, now=lease.taken_at)
        failure = Result(False, "no recipient")
        session.add(outcomes.of(lease, failure, lease.taken_at))
        return None
    ways = order.ways(session, message, demo=demo, now=lease.taken_at)
    if not ways:
        return Result(False, "no channel wakes anybody")
    turns = order.turns(message, ways)
    channel = order.choose(ways, turns=turns)
    if channel is None and message.accepted_at is not None:
        outbox.finish(message, MessageState.SENT, now=lease.taken_at)
        return None
    channel = channel or ways[0]
    outgoing = Outgoing(
        reference=message.id,
        organisation_id=message.organisation_id,
        kind=message.kind,
        lane=message.lane,
        recipient=message.recipient,
        body=message.body,
        at=lease.taken_at,
    )
    outgoing = answering.made_answerable(session, message, channel, outgoing)
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
    session.add(outcomes.of(lease, refused, lease.taken_at))
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
    carrier_id = note.carrier_id if isinstance(note, Note) else None
    return Result(True, note, channel=job.channel, carrier_id=carrier_id)


def next_due(session: Session, lane: Lane) -> datetime | None:
    """When this lane has something to do again: a message is due or a lease ends."""
    moment = func.min(func.coalesce(Message.leased_until, Message.available_at))
    waiting = Message.lane == lane, Message.final_at.is_(None)
    return session.scalar(select(moment).where(*waiting))
