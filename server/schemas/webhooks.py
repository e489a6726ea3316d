"""Webhooks and what is on its way to them."""

from marshmallow import Schema, fields, validate

from core.words import Audience, DeliveryState
from server.schemas.base import Instant, PageQuery, text

TYPES = {"description": "Types of events, see /v1/event-types; none means all."}


class NewWebhookSchema(Schema):
    """Where events are sent, and which."""

    url = text(500)
    types = fields.List(
        text(60), load_default=list, validate=validate.Length(max=200), metadata=TYPES
    )


class WebhookChangeSchema(Schema):
    """Only what is named changes."""

    url = text(500, required=False)
    types = fields.List(text(60), validate=validate.Length(max=200), metadata=TYPES)


class WebhookSchema(Schema):
    """A webhook without its secret; ``disabled_for`` says why it is off."""

    id = fields.UUID(required=True)
    url = fields.String(required=True)
    types = fields.List(fields.String(), required=True)
    audience = fields.Enum(Audience, by_value=True, required=True)
    enabled = fields.Boolean(required=True)
    disabled_for = fields.String(required=True, allow_none=True)
    old_secret_until = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)


class SecretWebhookSchema(WebhookSchema):
    """A webhook with its new secret: this is the only answer that shows it."""

    secret = fields.String(required=True)


class TrialSchema(Schema):
    """What came of a test event; ``status`` is null where nobody answered."""

    accepted = fields.Boolean(required=True)
    status = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    event_id = fields.UUID(required=True)


class DeliveryQuery(PageQuery):
    """All deliveries of a webhook, or those in one state."""

    state = fields.Enum(DeliveryState, by_value=True, load_default=None)


class DeliverySchema(Schema):
    """One event on its way; ``status`` and ``reason`` are the last try's."""

    id = fields.UUID(required=True)
    event_id = fields.UUID(required=True)
    type = fields.String(required=True)
    number = fields.Integer(required=True)
    about = fields.String(required=True)
    state = fields.Enum(DeliveryState, by_value=True, required=True)
    attempt = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    tried_at = Instant(required=True, allow_none=True)
    available_at = Instant(required=True)
    created_at = Instant(required=True)
    final_at = Instant(required=True, allow_none=True)


class EventTypeSchema(Schema):
    """A type of event, what it tells, and who may be told."""

    type = fields.String(required=True)
    words = fields.String(required=True)
    audience = fields.Enum(Audience, by_value=True, required=True)


class EventTypesSchema(Schema):
    """All types of which the caller's webhooks can be told."""

    items = fields.List(fields.Nested(EventTypeSchema), required=True)


class EventDataSchema(Schema):
    """``number`` is the event's place in the audit's chain: it only grows."""

    organisation_id = fields.UUID(required=True)
    number = fields.Integer(required=True, allow_none=True)
    subject = fields.String(required=True)
    subject_id = fields.UUID(required=True, allow_none=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class EventSchema(Schema):
    """What a webhook is sent: ids, words and numbers, never a personal value."""

    id = fields.UUID(required=True)
    type = fields.String(required=True)
    timestamp = Instant(required=True)
    data = fields.Nested(EventDataSchema, required=True)
