"""Holds of borrowers, and who read their files."""

from marshmallow import Schema, fields, validate

from core.words import HoldKind
from server.schemas.base import Instant, PageQuery


class NewHoldSchema(Schema):
    """From when to when the borrower is left alone; no end means until it is ended."""

    kind = fields.Enum(HoldKind, by_value=True, required=True)
    words = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(1, 1000)
    )
    starts_at = Instant(required=True)
    ends_at = Instant(load_default=None, allow_none=True)


class HoldSchema(Schema):
    """That there is a hold, and until when."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)
    recorded_at = Instant(required=True)


class HoldDetailSchema(HoldSchema):
    """A hold and why it is there; null where that was purged or erased."""

    kind = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)


class AccessQuery(PageQuery):
    """All that was read, or one case's, or by one user."""

    case_id = fields.UUID(load_default=None)
    user_id = fields.UUID(load_default=None)


class AccessRecordSchema(Schema):
    """Somebody was shown something of a borrower's file."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    route = fields.String(required=True)
    at = Instant(required=True)
