"""What the collector's phone sends and is told."""

from marshmallow import Schema, fields, validate

from core.instants import EARLIEST
from core.words import Outcome
from server.schemas.base import FixSchema, Instant, text


class EventSchema(Schema):
    """What every act carries; both instants are the phone's own clock."""

    event_id = fields.UUID(required=True)
    occurred_at = Instant(required=True)
    sent_at = Instant(load_default=None)


class DepartSchema(EventSchema):
    """Leaving for a visit; ``buddy_id`` is the colleague who counts on it."""

    buddy_id = fields.UUID(required=True)


class CheckInSchema(EventSchema):
    """At the door. ``words``: the reason where the position is beyond the fence."""

    position = fields.Nested(FixSchema, load_default=None)
    words = text(500, required=False, nullable=True)
    recording = fields.Boolean(load_default=None, allow_none=True)


class PinSchema(EventSchema):
    """An act that answers for the person."""

    pin = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{4,8}\Z"))
    position = fields.Nested(FixSchema, load_default=None)


class ExtendSchema(PinSchema):
    """More time at the door."""

    extend_s = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 3600)
    )


class CheckOutSchema(PinSchema):
    """Away from the door. ``words``: why no recording was made, or what happened."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    words = text(500, required=False, nullable=True)
    recording = fields.Boolean(load_default=None, allow_none=True)


class WithdrawSchema(EventSchema):
    """One tap: leaving."""

    position = fields.Nested(FixSchema, load_default=None)


class AnyFixSchema(FixSchema):
    """A position as phones report it in need: a negative accuracy says "unknown"."""

    accuracy_m = fields.Float(required=True)


class SosSchema(EventSchema):
    """Help. Everything but the id is optional."""

    occurred_at = Instant(load_default=EARLIEST)
    visit_id = fields.UUID(load_default=None, allow_none=True)
    position = fields.Nested(AnyFixSchema, load_default=None, allow_none=True)
    words = text(5000, required=False, nullable=True, shortest=0)


class WatchSchema(Schema):
    """``watched`` is what the phone shows; ``due`` when the server will act."""

    id = fields.UUID(required=True)
    visit_id = fields.UUID(required=True)
    watched = fields.Boolean(required=True)
    state = fields.String(required=True)
    due = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time"}
    )


class FenceSchema(Schema):
    """Distance from the place against the fence; a flag, never a refusal."""

    distance_m = fields.Float(required=True)
    radius_m = fields.Float(required=True)
    outside = fields.Boolean(required=True)
    reason_wanted = fields.Boolean(required=True)


class ActSchema(Schema):
    """The answer to every act; a repeated event gets the same one again."""

    event_id = fields.UUID(required=True)
    stored = fields.Boolean(required=True)
    result = fields.String(required=True)
    server_time = fields.String(required=True, metadata={"format": "date-time"})
    watch = fields.Nested(WatchSchema, required=True, allow_none=True)
    contact = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["allowed", "refused"]),
    )
    reasons = fields.List(fields.Dict(), required=True)
    leave_now = fields.Boolean(required=True)
    fence = fields.Nested(FenceSchema, required=True, allow_none=True)
    recording_wanted = fields.Boolean(required=True)
    outcome = fields.String(required=True, allow_none=True)
    fallback = fields.List(fields.String(), required=True)
    emergency_phone = fields.String(required=True)
