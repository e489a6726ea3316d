"""What an attempt comes to: its receipt, and what becomes of the message then."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contact import (
    leases,
    order,
    outbox,
    providers,
    reports,
    retries,
    undelivered,
)
from contact.leases import Lease
from contact.retries import Failed
from core.words import Lane, MessageState
from models import Message, MessageChannel, Receipt, Visit

log = structlog.get_logger("vouchsafe.dispatch")

LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one attempt; ``channel`` is ``None`` where it came to none."""

    accepted: bool
    reason: str
    permanent: bool = False
    channel: MessageChannel | None = None
    carrier_id: str | None = None


def record(
    session: Session, lease: Lease, result: Result, *, now: datetime, demo: bool = False
) -> None:
    """The receipt and what follows from it; nothing at all if the lease is lost."""
    if result.accepted:
        ours = _accepted(session, lease, result, now=now, demo=demo)
    else:
        ours = _missed(session, lease, result, now=now, demo=demo)
    if ours:
        receipt = of(lease, result, now)
        session.add(receipt)
        session.flush()
        reports.catch_up(session, receipt, now=now, demo=demo)


def of(lease: Lease, result: Result, now: datetime) -> Receipt:
    """The receipt of one attempt.

    What the provider does not name by a name of its own it names by our reference.
    """
    channel, named = result.channel, result.carrier_id or str(lease.message_id)
    return Receipt(
        organisation_id=lease.organisation_id,
        message_id=lease.message_id,
        attempt=lease.attempt,
        channel=channel.kind if channel else None,
        channel_id=channel.id if channel else None,
        carrier_id=named if channel and result.accepted else None,
        accepted=result.accepted,
        reason=result.reason[:LONGEST_REASON],
        started_at=lease.taken_at,
        at=now,
    )


def _accepted(
    session: Session, lease: Lease, result: Result, *, now: datetime, demo: bool
) -> bool:
    """Sent; or, of an open alert, waiting for the report that the provider promised."""
    settings = result.channel.settings if result.channel else None
    promised = providers.settings(settings).reports
    if promised is None or not _is_help(session, lease):
        return leases.sent(session, lease, now=now)
    took = _facts(session, lease, result, demo=demo)
    onward = retries.taken(took, wait=promised.wait, now=now)
    return leases.accepted(session, lease, onward, now=now)


def _missed(
    session: Session, lease: Lease, result: Result, *, now: datetime, demo: bool
) -> bool:
    """Once more, or given up; dispatchers hear of a notice that will not leave."""
    visit = _visit(session, lease)
    failed = _facts(session, lease, result, demo=demo, visit=visit)
    onward = retries.after(failed, now=now)
    ours = leases.missed(session, lease, onward, now=now)
    if ours and visit is not None and onward.state is MessageState.FAILED:
        undelivered.tell_dispatchers(
            session, "undelivered", lease.message_id, visit, now=now
        )
    log.warning(
        "not delivered",
        reference=str(lease.message_id),
        attempt=lease.attempt,
        reason=result.reason,
        then=str(onward.state),
    )
    return ours


def _facts(
    session: Session,
    lease: Lease,
    result: Result,
    *,
    demo: bool,
    visit: Visit | None = None,
) -> Failed:
    message = session.get_one(Message, lease.message_id)
    ways = order.ways(session, message, demo=demo, now=lease.taken_at)
    return Failed(
        lane=lease.lane,
        attempt=lease.attempt,
        permanent=result.permanent,
        alert_open=outbox.alert_open(session, message),
        ranks=[channel.rank for channel in ways],
        tried=result.channel.rank if result.channel else None,
        before=order.turns(message, ways),
        accepted=message.accepted_at is not None,
        until=visit.planned_start if visit else None,
    )


def _visit(session: Session, lease: Lease) -> Visit | None:
    """The visit that an ordinary message is about."""
    if lease.lane is not Lane.ORDINARY:
        return None
    visit = select(Visit).join(Message, Message.visit_id == Visit.id)
    return session.scalar(visit.where(Message.id == lease.message_id))


def _is_help(session: Session, lease: Lease) -> bool:
    """An urgent message of an open alert: whoever it is for is needed now."""
    message = session.get_one(Message, lease.message_id)
    return lease.lane is not Lane.ORDINARY and outbox.alert_open(session, message)
