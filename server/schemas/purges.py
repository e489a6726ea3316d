"""Named holds and receipts of purges."""

from marshmallow import Schema, fields, validate

from core.words import PurgeKind
from server.schemas.base import Instant, PageQuery

NAME = validate.Regexp(r"^[a-z0-9][a-z0-9-]{2,59}\Z")


class NewNamedHoldSchema(Schema):
    """Keep what hangs on a case or on an alert; the name is a file number, no words."""

    name = fields.String(required=True, validate=NAME)
    case_id = fields.UUID(load_default=None, allow_none=True)
    alert_id = fields.UUID(load_default=None, allow_none=True)


class NamedHoldSchema(NewNamedHoldSchema):
    """A named hold; without ``lifted_at`` it stands."""

    id = fields.UUID(required=True)
    placed_by = fields.UUID(required=True)
    placed_at = Instant(required=True)
    lifted_by = fields.UUID(required=True, allow_none=True)
    lifted_at = Instant(required=True, allow_none=True)


class ReceiptQuery(PageQuery):
    """All receipts, or those of one run."""

    run_id = fields.UUID(load_default=None)


class PurgeReceiptSchema(Schema):
    """So many of a kind, older than ``until``, are gone; ``held`` kept others."""

    id = fields.UUID(required=True)
    run_id = fields.UUID(required=True)
    kind = fields.Enum(PurgeKind, by_value=True, required=True)
    until = Instant(required=True)
    count = fields.Integer(required=True)
    held = fields.Dict(required=True)
    at = Instant(required=True)
