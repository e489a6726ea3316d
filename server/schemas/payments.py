"""Payments of cases, and what reopens a closed one."""

from marshmallow import Schema, fields, validate

from planning.case_cells import MOST_MINOR_UNITS
from planning.currencies import CURRENCIES
from server.schemas.base import Flag, Instant, text

KNOWN = sorted(CURRENCIES)
MINOR = validate.Range(1, MOST_MINOR_UNITS)


class NewPaymentSchema(Schema):
    """Money that the lender has received, under the lender's own reference.

    ``settles``: the lender asks for nothing more, whatever was still open.
    """

    case_id = fields.UUID(required=True)
    reference = text(64)
    amount_minor = fields.Integer(required=True, strict=True, validate=MINOR)
    currency = fields.String(
        required=True,
        validate=validate.OneOf(KNOWN, error="Not ISO 4217."),
    )
    paid_at = Instant(required=True)
    settles = Flag(load_default=False)


class PaymentSchema(NewPaymentSchema):
    """A recorded payment and what it did: the same answer however often it is sent."""

    id = fields.UUID(required=True)
    open_after_minor = fields.Integer(required=True)
    overpaid_minor = fields.Integer(required=True)
    closes = fields.Boolean(required=True)
    recorded_at = Instant(required=True)


class ReopeningSchema(Schema):
    """What is owed again, and why, as one short word like ``payment_returned``."""

    open_minor = fields.Integer(required=True, strict=True, validate=MINOR)
    reason = fields.String(
        required=True, validate=validate.Regexp(r"^[a-z][a-z_]{2,39}\Z")
    )
