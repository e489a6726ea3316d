"""Fields and envelopes that every schema shares."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from core.datums import Datum
from core.geo import Position
from core.instants import EARLIEST, LATEST


class Instant(fields.AwareDateTime):
    """RFC 3339 with offset, between 2000 and 2100; naive times are refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Send an RFC 3339 time with an offset.")
        try:
            instant: datetime = super()._deserialize(value, attr, data, **kw)
            self.check(instant)
        except OverflowError as error:
            raise ValidationError(
                "The time must be within the years 2000 to 2099."
            ) from error
        return instant

    def check(self, instant: datetime) -> None:
        """Raise for an instant that is none of ours."""
        if not plausible(instant):
            raise ValidationError("The time must be within the years 2000 to 2099.")


class Flag(fields.Boolean):
    """``true`` or ``false`` in a body; no number and no word stands for them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


def plausible(instant: datetime) -> bool:
    """Between 2000 and 2100: what a clock that was ever set may show."""
    return EARLIEST <= instant <= LATEST


def text(
    longest: int, *, required: bool = True, shortest: int = 1, nullable: bool = False
) -> fields.String:
    """A text of bounded length."""
    return fields.String(
        required=required,
        allow_none=nullable,
        validate=validate.Length(min=shortest, max=longest),
    )


class FixSchema(Schema):
    """A phone's position: degrees in the named datum, accuracy radius in metres.

    A negative accuracy says "unknown", as iOS does: the position is then left out.
    """

    lon = fields.Float(required=True, validate=validate.Range(-180, 180))
    lat = fields.Float(required=True, validate=validate.Range(-90, 90))
    datum = fields.Enum(Datum, by_value=True, required=True)
    accuracy_m = fields.Float(required=True)


def position(loaded: dict[str, Any]) -> Position:
    """The WGS-84 position of a loaded ``FixSchema``."""
    return Position.given_in(loaded["datum"], loaded["lon"], loaded["lat"])


class Jpeg(Schema):
    """An answer that is no JSON: the bytes of a picture, sent as they are."""

    MEDIA = "image/jpeg"

    def dump(self, obj: Any, **_: Any) -> bytes:
        """The view gives what is sent."""
        return bytes(obj)


class PageQuery(Schema):
    """``after`` is the ``next`` of the page before."""

    after = fields.UUID(load_default=None)
    limit = fields.Integer(
        load_default=50, strict=False, validate=validate.Range(1, 200)
    )


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """An envelope ``{"items": […], "next": cursor or null}``."""
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.UUID(allow_none=True, required=True),
        },
        name=f"{name}Page",
    )


def page(items: Any, limit: int) -> dict[str, object]:
    """Fill the envelope; the cursor is the last id of a full page."""
    rows = list(items)
    return {"items": rows, "next": rows[-1].id if len(rows) == limit else None}


class NothingSchema(Schema):
    """An empty answer."""
