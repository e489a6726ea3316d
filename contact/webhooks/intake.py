"""From the chain over the audit to deliveries: every sealed event, once, in its order.

A webhook's ``position`` moves in the transaction that writes its deliveries, so that no
crash loses or doubles one. Those that stand at the same place are served by one look.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from accounts import event_types
from core import ids
from core.words import Audience, DeliveryState
from models import AuditRow, AuditSeal, Webhook, WebhookDelivery, wake

LIMIT = 500  # links of the chain in one look
ClockNow = Callable[[Session], datetime]
Event = Row[int, UUID, UUID | None, str, str, UUID | None]  # see ``_events``


def take_in(
    sessions: sessionmaker[Session], *, clock_now: ClockNow, limit: int = LIMIT
) -> int:
    """Look at up to ``limit`` links for the webhooks that are farthest behind.

    How many links it was; 0 where all are up to date or another worker was faster.
    """
    with sessions.begin() as session:
        now = clock_now(session)
        start = session.scalar(
            select(func.min(Webhook.position)).where(Webhook.enabled)
        )
        newest = session.scalar(select(func.max(AuditSeal.number))) or 0
        if start is None or start >= newest:
            return 0
        end = min(start + limit, newest)
        served = _advance(session, start, end)
        events = _events(session, start, end, {one.organisation_id for one in served})
        found = [
            _delivery(webhook, event, now)
            for event in events
            for webhook in served
            if _wants(webhook, event)
        ]
        if found:
            session.execute(insert(WebhookDelivery), found)
            wake.workers(session)
        return end - start if served else 0


def next_due(session: Session) -> datetime | None:
    """When the newest link was made that some webhook has not looked at."""
    behind = select(func.min(Webhook.position)).where(Webhook.enabled)
    query = select(AuditSeal.sealed_at).where(
        AuditSeal.number > behind.scalar_subquery()
    )
    return session.scalar(query.order_by(AuditSeal.number.desc()).limit(1))


def _advance(session: Session, start: int, end: int) -> Sequence[Webhook]:
    """Claim all that stand at ``start``; each is claimed by one worker."""
    claim = (
        update(Webhook)
        .where(Webhook.enabled, Webhook.position == start)
        .values(position=end)
        .returning(Webhook)
        .execution_options(populate_existing=True)
    )
    return session.scalars(claim).all()


def _events(
    session: Session, start: int, end: int, organisations: set[UUID]
) -> Sequence[Event]:
    """Number, audit id, organisation, type, subject and its id, in order."""
    query = (
        select(
            AuditSeal.number,
            AuditRow.id,
            AuditRow.organisation_id,
            AuditRow.action,
            AuditRow.subject,
            AuditRow.subject_id,
        )
        .join(AuditRow, AuditRow.id == AuditSeal.audit_id)
        .where(
            AuditSeal.number > start,
            AuditSeal.number <= end,
            AuditRow.organisation_id.in_(organisations),
        )
        .order_by(AuditSeal.number)
    )
    return session.execute(query).all()


def _wants(webhook: Webhook, event: Event) -> bool:
    _, _, organisation_id, kind, _, _ = event
    told = webhook.audience in (event_types.audience(kind), Audience.SAFETY_OFFICERS)
    chosen = not webhook.types or kind in webhook.types
    return told and chosen and webhook.organisation_id == organisation_id


def _delivery(webhook: Webhook, event: Event, now: datetime) -> dict[str, object]:
    number, audit_id, organisation_id, _, subject, subject_id = event
    return {
        "id": ids.new(),
        "organisation_id": organisation_id,
        "webhook_id": webhook.id,
        "audit_id": audit_id,
        "number": number,
        "about": f"{subject}:{subject_id}",
        "state": DeliveryState.PENDING,
        "available_at": now,
        "attempt": 0,
        "created_at": now,
    }
