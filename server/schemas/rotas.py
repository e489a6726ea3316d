"""Rotas: layers of turns, overrides, and the spans that come of them."""

from datetime import time
from typing import Any

from marshmallow import Schema, fields, validate

from core.instants import EARLIEST, LATEST
from safety.turns import Hours, Layer, Span
from server.schemas.base import Flag, Instant, text

DAY_LIMIT = validate.Range(EARLIEST.date(), LATEST.date(), max_inclusive=False)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"
TIME = validate.Regexp(CLOCK, error="Send a time of the day, as 08:30.")


def local_time(description: str) -> fields.String:
    """A time of the local day, to the minute."""
    return fields.String(
        required=True, validate=TIME, metadata={"description": description}
    )


class LayerHoursSchema(Schema):
    """The only local times in which a layer names anybody."""

    weekdays = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 7)),
        required=True,
        validate=validate.Length(1, 7),
        metadata={"description": "On which days they begin; 1 is Monday."},
    )
    begins = local_time("When they begin on each of those days.")
    ends = local_time("When they end; of the next day, unless that is later.")


class LayerSchema(Schema):
    """People who take turns; the first layer of a rota that names somebody wins."""

    participants = fields.List(
        fields.UUID(), required=True, validate=validate.Length(1, 50)
    )
    starts_on = fields.Date(
        required=True,
        validate=DAY_LIMIT,
        metadata={"description": "The local day on which the first turn begins."},
    )
    hand_over = local_time("When one turn ends and the next begins, in local time.")
    turn_days = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 366),
        metadata={"description": "Local days of a turn; 7 is a week."},
    )
    hours = fields.Nested(LayerHoursSchema, load_default=None, allow_none=True)


class NewRotaSchema(Schema):
    """Layers from the top down; the standing rota answers where a step names none."""

    name = text(80)
    time_zone = text(64)
    standing = Flag(required=True)
    layers = fields.List(
        fields.Nested(LayerSchema), required=True, validate=validate.Length(1, 10)
    )


class RotaSchema(NewRotaSchema):
    """A rota as it stands."""

    id = fields.UUID(required=True)
    created_at = Instant(required=True)


class NewOverrideSchema(Schema):
    """One person takes a span, above all layers."""

    user_id = fields.UUID(required=True)
    starts_at = Instant(required=True)
    ends_at = Instant(required=True)


class OverrideSchema(NewOverrideSchema):
    """An override, and who made it."""

    id = fields.UUID(required=True)
    made_by = fields.UUID(required=True)
    created_at = Instant(required=True)


class SpansQuery(Schema):
    """How many days from now."""

    days = fields.Integer(load_default=14, strict=False, validate=validate.Range(1, 92))


class SpanSchema(Schema):
    """Who is on call from when to when; null is a gap.

    ``then`` stand in, in that order, where he is suspended or has no phone; after them
    all safety officers.
    """

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    user_id = fields.UUID(required=True, allow_none=True)
    then = fields.List(fields.UUID(), required=True)


class SpansSchema(Schema):
    """Spans that follow each other without a hole, from now on."""

    items = fields.List(fields.Nested(SpanSchema), required=True)


def layer(loaded: dict[str, Any]) -> Layer:
    """The layer that a loaded ``LayerSchema`` describes."""
    hours = loaded["hours"]
    return Layer(
        participants=tuple(loaded["participants"]),
        starts_on=loaded["starts_on"],
        hand_over=time.fromisoformat(loaded["hand_over"]),
        turn_days=loaded["turn_days"],
        hours=Hours(
            frozenset(hours["weekdays"]),
            time.fromisoformat(hours["begins"]),
            time.fromisoformat(hours["ends"]),
        )
        if hours
        else None,
    )


def show(layer: Layer) -> dict[str, object]:
    """What ``LayerSchema`` dumps of a layer."""
    hours = layer.hours
    return {
        "participants": layer.participants,
        "starts_on": layer.starts_on,
        "hand_over": _clock(layer.hand_over),
        "turn_days": layer.turn_days,
        "hours": {
            "weekdays": sorted(hours.weekdays),
            "begins": _clock(hours.begins),
            "ends": _clock(hours.ends),
        }
        if hours
        else None,
    }


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def show_span(span: Span) -> dict[str, object]:
    """What ``SpanSchema`` dumps of a span."""
    first, *then = span.names or (None,)
    return {
        "starts_at": span.interval.start,
        "ends_at": span.interval.end,
        "user_id": first,
        "then": then,
    }
