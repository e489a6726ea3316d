"""What a place is remembered for, and what officers make of it."""

from marshmallow import Schema, fields

from core.words import MarkKind, RiskLevel
from server.schemas.base import Instant, text

LONGEST = 2000


class ConcernSchema(Schema):
    """Why the place does not feel safe."""

    words = text(LONGEST, shortest=3)


class StatedSchema(Schema):
    """The concern as it stands: the level that it asks for, and until when."""

    id = fields.UUID(required=True)
    level = fields.Enum(RiskLevel, by_value=True, required=True)
    at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class JudgementSchema(Schema):
    """How careful one has to be, until when, and why; ``normal`` has no end."""

    level = fields.Enum(RiskLevel, by_value=True, required=True)
    ends_at = Instant(load_default=None, allow_none=True)
    words = text(LONGEST, shortest=3)


class MarkSchema(StatedSchema):
    """One row of a place's memory, for safety officers."""

    place_id = fields.UUID(required=True)
    kind = fields.Enum(MarkKind, by_value=True, required=True)
    corrects_id = fields.UUID(required=True, allow_none=True)
    incident_id = fields.UUID(required=True, allow_none=True)
    visit_id = fields.UUID(required=True, allow_none=True)
    by = fields.UUID(required=True)
    words = fields.String(required=True, allow_none=True)


class WaitingSchema(Schema):
    """A concern or an incident that waits for a review; why and who: its place says."""

    id = fields.UUID(required=True)
    place_id = fields.UUID(required=True)
    kind = fields.Enum(MarkKind, by_value=True, required=True)
    level = fields.Enum(RiskLevel, by_value=True, required=True)
    at = Instant(required=True)
    ends_at = Instant(required=True, allow_none=True)


class MeasuresSchema(Schema):
    """What the level asks for; ``at_most_s``: the watch there falls due by then."""

    pair = fields.Boolean(required=True)
    daylight = fields.Boolean(required=True)
    not_last = fields.Boolean(required=True)
    no_visit = fields.Boolean(required=True)
    at_most_s = fields.Integer(required=True, allow_none=True)


class RiskSchema(Schema):
    """The level in force now. ``marks``: null for everybody but safety officers.

    ``waiting`` are the ids of those that no review has answered.
    """

    place_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    level = fields.Enum(RiskLevel, by_value=True, required=True)
    measures = fields.Nested(MeasuresSchema, required=True)
    marks = fields.List(fields.Nested(MarkSchema), required=True, allow_none=True)
    waiting = fields.List(fields.UUID(), required=True, allow_none=True)
