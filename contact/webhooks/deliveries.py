"""Deliveries as those see them whose webhook it is; sent again by hand."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from contact.webhooks import subscriptions
from core.actor import Actor
from core.errors import Conflict, NotFound
from core.words import DeliveryState
from models import AuditRow, WebhookDelivery, claims, wake

Shown = Row[WebhookDelivery, str]  # with the type of its event


def page(
    session: Session,
    actor: Actor,
    webhook_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    state: DeliveryState | None = None,
) -> Sequence[Shown]:
    """Oldest first; ``after`` is the last id of the page before."""
    webhook = subscriptions.get(session, actor, webhook_id)
    query = (
        select(WebhookDelivery, AuditRow.action)
        .join(AuditRow, AuditRow.id == WebhookDelivery.audit_id)
        .where(
            WebhookDelivery.organisation_id == actor.organisation_id,
            WebhookDelivery.webhook_id == webhook.id,
        )
    )
    if state is not None:
        query = query.where(WebhookDelivery.state == state)
    if after is not None:
        query = query.where(WebhookDelivery.id > after)
    return session.execute(query.order_by(WebhookDelivery.id).limit(limit)).all()


def again(
    session: Session,
    actor: Actor,
    webhook_id: UUID,
    delivery_id: UUID,
    *,
    now: datetime,
) -> Shown:
    """Send it again now, under its old id; ``Conflict`` while it is on its way.

    Later events about its subject wait until it has arrived.
    """
    webhook = subscriptions.get(session, actor, webhook_id)
    mine = (
        WebhookDelivery.id == delivery_id,
        WebhookDelivery.organisation_id == actor.organisation_id,
        WebhookDelivery.webhook_id == webhook.id,
    )
    claim = (
        update(WebhookDelivery)
        .where(*mine, WebhookDelivery.state != DeliveryState.LEASED)
        .values(
            state=DeliveryState.PENDING,
            available_at=now,
            failing_since=None,
            final_at=None,
        )
        .execution_options(synchronize_session="fetch")
    )
    done = claims.changed(session, claim) == 1
    query = select(WebhookDelivery, AuditRow.action).join(
        AuditRow, AuditRow.id == WebhookDelivery.audit_id
    )
    found = session.execute(query.where(*mine)).one_or_none()
    if found is None:
        raise NotFound("delivery")
    if not done:
        raise Conflict("This event is on its way: look again in half a minute.")
    subscriptions.record(
        session,
        webhook,
        "redelivered",
        actor_id=actor.user_id,
        now=now,
        delivery_id=delivery_id,
    )
    wake.workers(session)
    return found
