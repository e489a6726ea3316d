"""What the collector's phone sends and is told.

What a phone or a hurried hand gets wrong must not cost a watch: where a value has a
harmless reading, it is read so.
"""

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from core.words import Outcome
from server.schemas.base import FixSchema, Instant

WORDS = 500  # characters


class PhoneInstant(Instant):
    """RFC 3339 with offset; before 2000 or after 2100 no clock was set."""

    def check(self, instant: datetime) -> None:
        """Take any: ``server.schemas.reports`` reads what it says."""


class OptionalInstant(PhoneInstant):
    """The same; what cannot be read is as if it was not sent."""

    def deserialize(self, value: Any, *args: Any, **kw: Any) -> Any:
        """``None`` for whatever is no instant."""
        try:
            return super().deserialize(value, *args, **kw)
        except ValidationError:
            return None


class CutText(fields.String):
    """A text of which no more than ``longest`` characters are kept; empty is none."""

    def __init__(self, longest: int) -> None:
        words = {"description": f"cut to {longest} characters"}
        super().__init__(allow_none=True, load_default=None, metadata=words)
        self.longest = longest

    def _deserialize(self, value: Any, *args: Any, **kw: Any) -> Any:
        return super()._deserialize(value, *args, **kw)[: self.longest] or None


class EventSchema(Schema):
    """What every act carries; both instants are the phone's own clock."""

    event_id = fields.UUID(required=True)
    occurred_at = PhoneInstant(required=True)
    sent_at = PhoneInstant(load_default=None)


class DepartSchema(EventSchema):
    """Leaving for a visit; ``buddy_id`` is the colleague who counts on it."""

    buddy_id = fields.UUID(required=True)


class CheckInSchema(EventSchema):
    """At the door. ``words``: the reason where the position is beyond the fence."""

    position = fields.Nested(FixSchema, load_default=None)
    words = CutText(WORDS)
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
    words = CutText(WORDS)
    recording = fields.Boolean(load_default=None, allow_none=True)


class WithdrawSchema(EventSchema):
    """One tap: leaving."""

    position = fields.Nested(FixSchema, load_default=None)


class SosSchema(EventSchema):
    """Help. Everything but the id is optional."""

    occurred_at = OptionalInstant(load_default=None)
    sent_at = OptionalInstant(load_default=None)
    visit_id = fields.UUID(load_default=None, allow_none=True)
    position = fields.Nested(FixSchema, load_default=None, allow_none=True)
    words = CutText(10 * WORDS)


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
