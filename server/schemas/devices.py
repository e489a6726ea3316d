"""Devices: what an app says of itself, and what people are shown."""

from marshmallow import Schema, fields, validate

from core.words import EventKind, Outcome, Platform
from server.schemas.base import Instant, text


class RegistrationSchema(Schema):
    """Sent at every start of the app; without ``push_token`` none is kept."""

    platform = fields.Enum(Platform, by_value=True, required=True)
    app_version = text(40)
    push_token = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 4096),
    )


class DeviceSchema(Schema):
    """A device. ``current``: this request came from it; ``push``: it can be pushed to.

    ``id`` names it for a revocation; the app's own id is never shown.
    """

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    platform = fields.Enum(Platform, by_value=True, required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    push = fields.Boolean(required=True)
    current = fields.Boolean(required=True)
    created_at = Instant(required=True)
    last_login_at = Instant(required=True)
    revoked_at = Instant(required=True, allow_none=True)


class SetAsideSchema(Schema):
    """What a revoked device reported: it changed nothing. ``outcome`` is what it said.

    ``at`` is when it happened by the server's estimate.
    """

    user_id = fields.UUID(required=True)
    kind = fields.Enum(EventKind, by_value=True, required=True)
    at = Instant(required=True)
    received_at = Instant(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)


class SetAsidesSchema(Schema):
    """All of them, oldest first."""

    items = fields.List(fields.Nested(SetAsideSchema), required=True)
