"""Reports of incidents; files are known by digest and size, and stay where they are."""

from marshmallow import Schema, fields, validate

from core.words import Harm, IncidentCategory
from server.schemas.base import Instant, text

LONGEST = 10_000
MOST = 50
LARGEST = 2**40


class AttachmentSchema(Schema):
    """A file that the organisation keeps: its SHA-256 in hexadecimal, and its size."""

    sha256 = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))
    bytes = fields.Integer(
        required=True, strict=True, validate=validate.Range(0, LARGEST)
    )


class AccountSchema(Schema):
    """What happened, to whom of our own, when, in words."""

    category = fields.Enum(IncidentCategory, by_value=True, required=True)
    harm = fields.Enum(Harm, by_value=True, required=True)
    happened_at = Instant(required=True)
    words = text(LONGEST, shortest=3)
    attachments = fields.List(
        fields.Nested(AttachmentSchema),
        load_default=[],
        validate=validate.Length(max=MOST),
    )


class NewIncidentSchema(AccountSchema):
    """After an alert, about a visit, about a place, or about none of them."""

    alert_id = fields.UUID(load_default=None, allow_none=True)
    visit_id = fields.UUID(load_default=None, allow_none=True)
    place_id = fields.UUID(load_default=None, allow_none=True)


class ReportedSchema(Schema):
    """An incident without its words."""

    id = fields.UUID(required=True)
    first_id = fields.UUID(required=True, allow_none=True)
    alert_id = fields.UUID(required=True, allow_none=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    place_id = fields.UUID(required=True, allow_none=True)
    category = fields.Enum(IncidentCategory, by_value=True, required=True)
    harm = fields.Enum(Harm, by_value=True, required=True)
    happened_at = Instant(required=True)
    reported_at = Instant(required=True)


class VersionSchema(ReportedSchema):
    """One version of a report; words are null where they were purged."""

    corrects_id = fields.UUID(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentSchema), required=True)
    reported_by = fields.UUID(required=True)


class IncidentSchema(Schema):
    """All versions of a report, oldest first: the last one holds."""

    case_id = fields.UUID(required=True, allow_none=True)
    versions = fields.List(fields.Nested(VersionSchema), required=True)
