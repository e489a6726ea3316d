"""Leases on deliveries: a few of one webhook at a time, of each subject the first.

What comes later about a subject waits until all before it is delivered, whoever sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core.words import DeliveryState
from models import Webhook, WebhookDelivery, claims

LEASE = timedelta(seconds=30)  # more than a batch may take, see ``sending``
MANY = 20


@dataclass(frozen=True, slots=True)
class Lease:
    """One sender's right to try a delivery once."""

    delivery_id: UUID
    audit_id: UUID
    number: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one sender has in hand of one webhook."""

    webhook_id: UUID
    leases: Sequence[Lease]
    taken_at: datetime


def free_expired(session: Session, *, now: datetime) -> int:
    """A dead sender's deliveries wait again."""
    claim = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.final_at.is_(None),
            WebhookDelivery.state == DeliveryState.LEASED,
            WebhookDelivery.leased_until <= now,
        )
        .values(state=DeliveryState.PENDING, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim)


def take(session: Session, *, now: datetime, spare: bool = False) -> Batch | None:
    """Lease what is due for one webhook; ``None``: nothing to do here.

    The webhook with the fewest on their way goes first, and what was never tried before
    what has failed. ``spare``: only for a webhook with none on its way. One that rests
    is tried by one sender with one event.
    """
    found = session.execute(_first(now, spare=spare)).first()
    if found is None:
        return None
    webhook_id, rests_until = found
    many = MANY
    if rests_until is not None:
        many = 1
        if not _probe(session, webhook_id, rests_until, now):
            return None
    due = select(WebhookDelivery).where(
        *_first_of_its_subject(),
        WebhookDelivery.webhook_id == webhook_id,
        WebhookDelivery.state == DeliveryState.PENDING,
        WebhookDelivery.available_at <= now,
    )
    order = WebhookDelivery.attempt > 0, WebhookDelivery.number
    held = (
        due.order_by(*order)
        .limit(many)
        .with_for_update(skip_locked=True, of=WebhookDelivery)
    )
    chosen = [one.id for one in session.scalars(held)]
    leases = _claim(session, chosen, now)
    return Batch(webhook_id, leases, now) if leases else None


def next_due(session: Session) -> datetime | None:
    """When something can be sent again: it is due, a lease or a rest ends."""
    moment = func.coalesce(WebhookDelivery.leased_until, WebhookDelivery.available_at)
    awake = (
        select(func.min(moment))
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .where(*_first_of_its_subject(), Webhook.rests_until.is_(None))
    )
    waiting = exists().where(
        WebhookDelivery.webhook_id == Webhook.id, WebhookDelivery.final_at.is_(None)
    )
    resting = select(func.min(Webhook.rests_until)).where(waiting)
    dues = [session.scalar(one.where(Webhook.enabled)) for one in (awake, resting)]
    return min((due for due in dues if due), default=None)


def _first_of_its_subject() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Not delivered, and nothing before it about the same subject is waiting either."""
    earlier = aliased(WebhookDelivery)
    before = exists().where(
        earlier.webhook_id == WebhookDelivery.webhook_id,
        earlier.about == WebhookDelivery.about,
        earlier.number < WebhookDelivery.number,
        earlier.final_at.is_(None),
    )
    return WebhookDelivery.final_at.is_(None), ~before


def _first(now: datetime, *, spare: bool) -> Select[UUID, datetime | None]:
    busy = (
        select(WebhookDelivery.webhook_id, func.count().label("many"))
        .where(
            WebhookDelivery.final_at.is_(None),
            WebhookDelivery.state == DeliveryState.LEASED,
        )
        .group_by(WebhookDelivery.webhook_id)
        .subquery()
    )
    on_their_way = func.coalesce(busy.c.many, 0)
    due = (
        select(Webhook.id, Webhook.rests_until)
        .join(WebhookDelivery, WebhookDelivery.webhook_id == Webhook.id)
        .outerjoin(busy, busy.c.webhook_id == Webhook.id)
        .where(
            Webhook.enabled,
            func.coalesce(Webhook.rests_until, now) <= now,
            *_first_of_its_subject(),
            WebhookDelivery.state == DeliveryState.PENDING,
            WebhookDelivery.available_at <= now,
        )
        .order_by(
            on_their_way, WebhookDelivery.attempt > 0, WebhookDelivery.available_at
        )
        .limit(1)
    )
    return due.where(on_their_way == 0) if spare else due


def _probe(
    session: Session, webhook_id: UUID, rests_until: datetime, now: datetime
) -> bool:
    """Nobody else tries it meanwhile; who dies at it has ended its rest for nobody."""
    claim = (
        update(Webhook)
        .where(Webhook.id == webhook_id, Webhook.rests_until == rests_until)
        .values(rests_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim) == 1


def _claim(session: Session, chosen: Sequence[UUID], now: datetime) -> list[Lease]:
    claim = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id.in_(chosen),
            WebhookDelivery.state == DeliveryState.PENDING,
        )
        .values(
            state=DeliveryState.LEASED,
            leased_until=now + LEASE,
            attempt=WebhookDelivery.attempt + 1,
            tried_at=now,
        )
        .returning(
            WebhookDelivery.id,
            WebhookDelivery.audit_id,
            WebhookDelivery.number,
            WebhookDelivery.attempt,
        )
        .execution_options(synchronize_session=False)
    )
    leases = [Lease(*row) for row in session.execute(claim)] if chosen else []
    return sorted(leases, key=lambda lease: lease.number)
