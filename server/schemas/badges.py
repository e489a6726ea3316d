"""Badges."""

from marshmallow import Schema, fields

from core.words import BadgeState
from server.schemas.base import Instant, text


class NewBadgeSchema(Schema):
    """``public_name`` is what borrowers read."""

    user_id = fields.UUID(required=True)
    number = text(32)
    public_name = text(80)
    licence = text(64)
    valid_from = Instant(required=True)
    valid_to = Instant(required=True)


class BadgeSchema(NewBadgeSchema):
    """A badge as it stands; expiry follows from its dates."""

    id = fields.UUID(required=True)
    state = fields.Enum(BadgeState, by_value=True, required=True)
    photo_id = fields.UUID(required=True, allow_none=True)


class ReasonSchema(Schema):
    """Why."""

    reason = text(500, shortest=3)
