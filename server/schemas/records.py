"""What auditors and dispatchers read: ledger, audit, messages."""

from marshmallow import Schema, fields

from core.words import (
    Channel,
    ContactKind,
    Lane,
    MessageKind,
    MessageState,
    Outcome,
)
from server.schemas.base import Instant, PageQuery
from server.schemas.channels import ReportSchema


class LedgerQuery(PageQuery):
    """The contacts of one case."""

    case_id = fields.UUID(required=True)


class ContactSchema(Schema):
    """One contact and the decision that allowed it."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    kind = fields.Enum(ContactKind, by_value=True, required=True)
    at = Instant(required=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    message_id = fields.UUID(required=True, allow_none=True)
    user_id = fields.UUID(required=True, allow_none=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)
    decision = fields.Dict(required=True)


class AuditSchema(Schema):
    """One row of the audit."""

    id = fields.UUID(required=True)
    at = Instant(required=True)
    actor_id = fields.UUID(required=True, allow_none=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    subject_id = fields.UUID(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class MessageQuery(PageQuery):
    """Messages of one visit or one alert, or all."""

    visit_id = fields.UUID(load_default=None)
    alert_id = fields.UUID(load_default=None)


class MessageSchema(Schema):
    """A message without body or recipient.

    ``accepted_at``: a provider took it and promised to report. ``reports`` are what
    providers said of it later; they may be late, contradict each other, or be wrong.
    """

    id = fields.UUID(required=True)
    kind = fields.Enum(MessageKind, by_value=True, required=True)
    lane = fields.Enum(Lane, by_value=True, required=True)
    state = fields.Enum(MessageState, by_value=True, required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    alert_id = fields.UUID(required=True, allow_none=True)
    attempt = fields.Integer(required=True)
    created_at = Instant(required=True)
    accepted_at = Instant(required=True, allow_none=True)
    reports = fields.List(fields.Nested(ReportSchema), required=True)
    final_at = Instant(required=True, allow_none=True)
