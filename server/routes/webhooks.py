"""Webhooks: where events are sent, what is on its way, the test button."""

from typing import Any
from uuid import UUID

from accounts import event_types
from accounts.access import Action
from contact.webhooks import deliveries, subscriptions, trial
from contact.webhooks.deliveries import Shown
from models import Webhook, database
from server.endpoint import Call, Errand, Room, endpoint
from server.schemas import webhooks as schemas
from server.schemas.accounts import EnabledSchema
from server.schemas.base import NothingSchema, PageQuery, page, page_of
from server.versions import Edited, row

room = Room("webhooks", __name__, url_prefix="/v1/webhooks", description=__doc__)
types_room = Room("event_types", __name__, url_prefix="/v1/event-types")


@endpoint(
    types_room,
    "GET",
    "",
    action=Action.MANAGE_WEBHOOKS,
    answer=schemas.EventTypesSchema,
)
def list_types(call: Call) -> dict[str, object]:
    """List the types of events of which the caller's webhooks can be told."""
    told = event_types.told_to(subscriptions.audience(call.actor))
    audience = event_types.audience
    return {
        "items": [
            {"type": one, "words": words, "audience": audience(one)}
            for one, words in sorted(told.items())
        ]
    }


@endpoint(
    room,
    "GET",
    "",
    action=Action.MANAGE_WEBHOOKS,
    query=PageQuery,
    answer=page_of(schemas.WebhookSchema, "Webhook"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List the webhooks of the admins, or of the safety officers, oldest first."""
    found = subscriptions.page(call.session, call.actor, **query)
    return page(found, query["limit"])


@endpoint(
    room,
    "POST",
    "",
    action=Action.MANAGE_WEBHOOKS,
    body=schemas.NewWebhookSchema,
    answer=schemas.SecretWebhookSchema,
    status=201,
    fresh_secrets=True,
)
def create(call: Call, body: dict[str, Any]) -> Webhook:
    """Have events sent to an address; the answer shows the secret, once."""
    anywhere = call.runtime.settings.webhooks_anywhere
    return subscriptions.create(
        call.session, call.actor, anywhere=anywhere, now=call.now, **body
    )


@endpoint(
    room,
    "GET",
    "/<uuid:webhook_id>",
    action=Action.MANAGE_WEBHOOKS,
    answer=schemas.WebhookSchema,
)
def get(call: Call, webhook_id: UUID) -> Webhook:
    """One webhook."""
    return subscriptions.get(call.session, call.actor, webhook_id)


WEBHOOK = Edited(get, row(Webhook, "webhook"))


@endpoint(
    room,
    "PATCH",
    "/<uuid:webhook_id>",
    action=Action.MANAGE_WEBHOOKS,
    edits=WEBHOOK,
    body=schemas.WebhookChangeSchema,
    answer=schemas.WebhookSchema,
)
def change(call: Call, body: dict[str, Any], webhook_id: UUID) -> Webhook:
    """Another address or other types; what is on its way goes there too."""
    anywhere = call.runtime.settings.webhooks_anywhere
    return subscriptions.change(
        call.session, call.actor, webhook_id, anywhere=anywhere, now=call.now, **body
    )


@endpoint(
    room,
    "PUT",
    "/<uuid:webhook_id>/enabled",
    action=Action.MANAGE_WEBHOOKS,
    edits=WEBHOOK,
    body=EnabledSchema,
    answer=schemas.WebhookSchema,
)
def set_enabled(call: Call, body: dict[str, Any], webhook_id: UUID) -> Webhook:
    """Switch it off, or on again: it goes on where it stopped."""
    return subscriptions.set_enabled(
        call.session, call.actor, webhook_id, enabled=body["enabled"], now=call.now
    )


@endpoint(
    room,
    "POST",
    "/<uuid:webhook_id>/secret",
    action=Action.MANAGE_WEBHOOKS,
    edits=WEBHOOK,
    answer=schemas.SecretWebhookSchema,
    fresh_secrets=True,
)
def rotate(call: Call, webhook_id: UUID) -> Webhook:
    """A new secret, shown once; for a day the old one signs as well."""
    return subscriptions.rotate(call.session, call.actor, webhook_id, now=call.now)


@endpoint(
    room,
    "DELETE",
    "/<uuid:webhook_id>",
    action=Action.MANAGE_WEBHOOKS,
    answer=NothingSchema,
)
def remove(call: Call, webhook_id: UUID) -> dict[str, object]:
    """Delete a webhook with all that is on its way there."""
    subscriptions.remove(call.session, call.actor, webhook_id, now=call.now)
    return {}


@endpoint(
    room,
    "POST",
    "/<uuid:webhook_id>/test",
    action=Action.SEND_EVENTS,
    answer=schemas.TrialSchema,
    own_transactions=True,
)
def test(errand: Errand, webhook_id: UUID) -> dict[str, object]:
    """Send a test event at once, and say what came back within eight seconds."""
    sessions, clock = errand.runtime.sessions, errand.runtime.clock
    with database.reading(sessions) as session:
        now = clock.now(session)
        ready = trial.prepare(session, errand.actor, webhook_id, now=now)
    anywhere = errand.runtime.settings.webhooks_anywhere
    reply = trial.send(ready, anywhere=anywhere)
    with sessions.begin() as session:
        now = clock.now(session)
        accepted = trial.record(session, errand.actor, ready, reply, now=now)
    said = {"status": reply.status, "reason": reply.reason}
    return {"accepted": accepted, "event_id": ready.event_id, **said}


@endpoint(
    room,
    "GET",
    "/<uuid:webhook_id>/deliveries",
    action=Action.MANAGE_WEBHOOKS,
    query=schemas.DeliveryQuery,
    answer=page_of(schemas.DeliverySchema, "Delivery"),
)
def page_deliveries(
    call: Call, query: dict[str, Any], webhook_id: UUID
) -> dict[str, object]:
    """List what was delivered and what waits, oldest first."""
    found = deliveries.page(call.session, call.actor, webhook_id, **query)
    listed = page([one.WebhookDelivery for one in found], query["limit"])
    return {**listed, "items": [_shown(one) for one in found]}


@endpoint(
    room,
    "POST",
    "/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/redelivery",
    action=Action.SEND_EVENTS,
    answer=schemas.DeliverySchema,
    errors=(409,),
)
def redeliver(call: Call, webhook_id: UUID, delivery_id: UUID) -> dict[str, object]:
    """Send an event again now; later ones about its subject wait for it."""
    return _shown(
        deliveries.again(
            call.session, call.actor, webhook_id, delivery_id, now=call.now
        )
    )


def _shown(found: Shown) -> dict[str, object]:
    delivery, kind = found
    names = set(schemas.DeliverySchema().fields) - {"type", "event_id"}
    facts = {name: getattr(delivery, name) for name in names}
    return {**facts, "type": kind, "event_id": delivery.audit_id}
