"""The facts for the police call, and what a collector drives."""

from typing import Any

from marshmallow import Schema, fields

from core.words import (
    AlertEntryKind,
    AlertKind,
    Harm,
    IncidentCategory,
    RiskLevel,
)
from server.schemas.alerts import (
    EndangeredSchema,
    PlannedPlaceSchema,
    SaidSchema,
)
from server.schemas.base import Instant, text


class VehicleSchema(Schema):
    """Make, colour, number plate, in free words; null for none."""

    words = text(200, nullable=True)


class DrivenSchema(VehicleSchema):
    """What somebody drives, as was said at that instant."""

    user_id = fields.UUID(required=True)
    set_by = fields.UUID(required=True)
    set_at = Instant(required=True)


class CapXml(Schema):
    """An answer that is no JSON: a message of the Common Alerting Protocol."""

    MEDIA = "application/cap+xml"

    def dump(self, obj: Any, **_: Any) -> bytes:
        """The view gives what is sent."""
        return bytes(obj)


class HandedBadgeSchema(Schema):
    """The badge that he wears; its photo is read there with the same log-in."""

    number = fields.String(required=True)
    public_name = fields.String(required=True, allow_none=True)
    photo = fields.String(required=True, allow_none=True)


class WhereaboutsSchema(Schema):
    """A position in WGS-84 degrees, ``age_s`` seconds old at ``made_at``.

    ``estimated``: no phone said so; it is the place where he was to be (``source`` is
    ``planned_stop``, else the act that came with the position).
    """

    lat = fields.Float(required=True)
    lon = fields.Float(required=True)
    accuracy_m = fields.Float(required=True, allow_none=True)
    at = Instant(required=True)
    age_s = fields.Integer(required=True)
    source = fields.String(required=True)
    estimated = fields.Boolean(required=True)
    from_revoked_device = fields.Boolean(required=True)


class HappenedSchema(Schema):
    """An earlier incident there; ``words`` are for safety officers."""

    category = fields.Enum(IncidentCategory, by_value=True, required=True)
    harm = fields.Enum(Harm, by_value=True, required=True)
    happened_at = Instant(required=True)
    words = fields.String(required=True, allow_none=True)


class KnownPlaceSchema(PlannedPlaceSchema):
    """The planned place, and what it is remembered for."""

    level = fields.Enum(RiskLevel, by_value=True, required=True)
    incidents = fields.List(fields.Nested(HappenedSchema), required=True)


class HelperSchema(EndangeredSchema):
    """Somebody who has taken the alert; ``owns``: he has it now."""

    since = Instant(required=True)
    until = Instant(required=True, allow_none=True)
    owns = fields.Boolean(required=True)


class LineSchema(Schema):
    """One line of the timeline, with a name; ``told`` counts whom it reached."""

    at = Instant(required=True)
    kind = fields.Enum(AlertEntryKind, by_value=True, required=True)
    who = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    told = fields.Integer(required=True)


class HandoverSchema(Schema):
    """All that may help to find somebody, as it stood at ``made_at``."""

    made_at = Instant(required=True)
    alert_id = fields.UUID(required=True)
    reference = fields.String(required=True)
    kind = fields.Enum(AlertKind, by_value=True, required=True)
    opened_at = Instant(required=True)
    closed_at = Instant(required=True, allow_none=True)
    organisation = fields.String(required=True)
    emergency_phone = fields.String(required=True)
    collector = fields.Nested(EndangeredSchema, required=True)
    badge = fields.Nested(HandedBadgeSchema, required=True, allow_none=True)
    vehicle = fields.String(required=True, allow_none=True)
    buddy = fields.Nested(EndangeredSchema, required=True, allow_none=True)
    partners = fields.List(fields.Nested(EndangeredSchema), required=True)
    visit_start = Instant(required=True, allow_none=True)
    visit_end = Instant(required=True, allow_none=True)
    place = fields.Nested(KnownPlaceSchema, required=True, allow_none=True)
    positions = fields.List(fields.Nested(WhereaboutsSchema), required=True)
    said = fields.List(fields.Nested(SaidSchema), required=True)
    helpers = fields.List(fields.Nested(HelperSchema), required=True)
    timeline = fields.List(fields.Nested(LineSchema), required=True)
