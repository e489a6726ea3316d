"""Send what is due: lease in a transaction, send in none, record in a third.

An event may arrive twice, under the same ``webhook-id``, when its sender dies in
between; it is never lost, and never overtakes another about the same subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from contact.webhooks import leases, outcomes, signing, subscriptions, wire
from contact.webhooks.leases import Batch, Lease
from contact.webhooks.line import Line, Reply, Silence
from contact.webhooks.verdicts import Verdict, judge
from models import AuditRow, Webhook

log = structlog.get_logger("vouchsafe.webhooks")

BUDGET_S = 10.0  # nothing more is begun after it; with one deadline less than a lease

ClockNow = Callable[[Session], datetime]
Stopwatch = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Mail:
    """What a batch needs while no transaction is open."""

    url: str
    keys: Sequence[str]
    bodies: Mapping[UUID, bytes]  # by the id of the audit row


def round_(
    sessions: sessionmaker[Session],
    *,
    clock_now: ClockNow,
    stopwatch: Stopwatch,
    anywhere: bool,
    limit: int = 10,
    spare: bool = False,
) -> int:
    """Send up to ``limit`` batches; how many. Any number may do so at once.

    ``stopwatch`` counts seconds. ``anywhere``: private networks and http are allowed.
    ``spare``: a sender that serves only webhooks for which no other is sending.
    """
    with sessions.begin() as session:
        leases.free_expired(session, now=clock_now(session))
    sent = 0
    while sent < limit:
        with sessions.begin() as session:
            batch = leases.take(session, now=clock_now(session), spare=spare)
            mail = _prepare(session, batch) if batch else None
        if batch is None:
            break
        replies = _send(batch, mail, stopwatch, anywhere=anywhere)
        with sessions.begin() as session:
            outcomes.record(session, batch, replies, now=clock_now(session))
        sent += 1
    return sent


def _prepare(session: Session, batch: Batch) -> Mail | None:
    """``None`` where the webhook cannot be read: it then counts as not answering."""
    webhook = session.get_one(Webhook, batch.webhook_id)
    rows = select(AuditRow).where(
        AuditRow.id.in_([lease.audit_id for lease in batch.leases])
    )
    numbers = {lease.audit_id: lease.number for lease in batch.leases}
    try:
        keys = subscriptions.secrets(webhook, now=batch.taken_at)
        found = session.scalars(rows)
        bodies = {row.id: wire.event(row, numbers[row.id]) for row in found}
        return Mail(webhook.url or "", keys, bodies)
    except Exception as error:
        log.error("not prepared", webhook_id=str(webhook.id), exc_info=error)
        return None


def _send(
    batch: Batch, mail: Mail | None, stopwatch: Stopwatch, *, anywhere: bool
) -> dict[Lease, Reply]:
    """The replies in order, up to the first that makes the webhook rest."""
    if mail is None:
        return {batch.leases[0]: Reply(None, Silence.NOT_PREPARED)}
    replies: dict[Lease, Reply] = {}
    end = stopwatch() + BUDGET_S
    try:
        with Line(mail.url, anywhere=anywhere) as line:
            for lease in batch.leases:
                replies[lease] = _post(line, lease, mail, batch.taken_at)
                stop = judge(replies[lease].status) in (Verdict.REST, Verdict.GONE)
                if stop or stopwatch() > end:
                    break
    except Exception as error:
        log.error("not sent", webhook_id=str(batch.webhook_id), exc_info=error)
        replies[batch.leases[len(replies)]] = Reply(None, Silence.BROKEN_OFF)
    return replies


def _post(line: Line, lease: Lease, mail: Mail, at: datetime) -> Reply:
    body = mail.bodies[lease.audit_id]
    event_id, unix_s = str(lease.audit_id), int(at.timestamp())
    signed = signing.headers(mail.keys, event_id=event_id, unix_s=unix_s, body=body)
    return line.post(body, signed)
