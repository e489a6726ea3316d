"""What became of a batch: delivered, again later, the webhook rests or is given up."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from contact.webhooks import subscriptions, verdicts
from contact.webhooks.leases import Batch, Lease
from contact.webhooks.line import Reply
from contact.webhooks.verdicts import Verdict
from core import ids
from core.words import Audience, DeliveryState, Lane, MessageKind
from models import Organisation, Webhook, WebhookDelivery, claims

LONGEST_REASON = 60


def record(
    session: Session, batch: Batch, replies: Mapping[Lease, Reply], *, now: datetime
) -> None:
    """Each delivery by its own lease; what was not tried goes back as it was."""
    query = select(Webhook).where(Webhook.id == batch.webhook_id)
    webhook = session.scalar(query.with_for_update(key_share=True))
    if webhook is None:
        return  # deleted meanwhile, and its deliveries with it
    for lease in batch.leases:
        if lease in replies:
            _settle(session, webhook, lease, replies[lease], now)
        else:
            _give_back(session, lease)
    session.flush()


def _settle(
    session: Session, webhook: Webhook, lease: Lease, reply: Reply, now: datetime
) -> None:
    delivery = session.get(WebhookDelivery, lease.delivery_id, populate_existing=True)
    if delivery is None or (delivery.state, delivery.attempt) != (
        DeliveryState.LEASED,
        lease.attempt,
    ):
        return  # the lease was lost: another sender has it
    delivery.state, delivery.leased_until = DeliveryState.PENDING, None
    delivery.status, delivery.reason = reply.status, reply.reason[:LONGEST_REASON]
    verdict = verdicts.judge(reply.status)
    if verdict is not Verdict.REST:
        webhook.silent_since = webhook.rests_until = None
    match verdict:
        case Verdict.DELIVERED:
            delivery.state, delivery.final_at = DeliveryState.DELIVERED, now
            delivery.failing_since = None
        case Verdict.AGAIN:
            delivery.failing_since = delivery.failing_since or now
            failing_for = now - delivery.failing_since
            delivery.available_at = now + verdicts.pause(failing_for)
            _give_up(session, webhook, failing_for >= verdicts.AGE, "refused", now)
        case Verdict.REST:
            webhook.silent_since = webhook.silent_since or now
            silent_for = now - webhook.silent_since
            webhook.rests_until = now + verdicts.pause(silent_for)
            _give_up(session, webhook, silent_for >= verdicts.AGE, "silent", now)
        case Verdict.GONE:
            _give_up(session, webhook, True, "gone", now)


def _give_back(session: Session, lease: Lease) -> None:
    claim = (
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == lease.delivery_id,
            WebhookDelivery.state == DeliveryState.LEASED,
            WebhookDelivery.attempt == lease.attempt,
        )
        .values(
            state=DeliveryState.PENDING, leased_until=None, attempt=lease.attempt - 1
        )
        .execution_options(synchronize_session=False)
    )
    claims.changed(session, claim)


def _give_up(
    session: Session, webhook: Webhook, given_up: bool, why: str, now: datetime
) -> None:
    """Switch it off, once; those whose it is are told, and what waits keeps waiting."""
    if not given_up or not webhook.enabled:
        return
    webhook.enabled, webhook.disabled_for = False, why
    subscriptions.record(
        session, webhook, "disabled", actor_id=None, now=now, reason=why
    )
    _tell(session, webhook, now)


def _tell(session: Session, webhook: Webhook, now: datetime) -> None:
    organisation = session.get_one(Organisation, webhook.organisation_id)
    body = wording.webhook_disabled(
        reference=ids.short(webhook.id),
        language=wording.staff_language(organisation.country),
    )
    theirs = webhook.audience is Audience.SAFETY_OFFICERS
    people = (staff.officers if theirs else staff.admins)(session, organisation.id)
    outbox.enqueue_for_all(
        session,
        people,
        organisation_id=organisation.id,
        kind=MessageKind.DISPATCHER_NOTE,
        lane=Lane.ORDINARY,
        once=f"webhook:{webhook.id}:{now.isoformat()}",
        body=body,
        now=now,
    )
