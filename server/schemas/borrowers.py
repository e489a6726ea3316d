"""One borrower: the document of all that is held about him, and his erasure.

The document's schemas are made from the table that says what it shows, so that a new
column of it stands in the reference by itself.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from marshmallow import Schema, fields
from sqlalchemy import Boolean, Integer, String, Uuid, inspect

from core.words import Role
from models.base import UtcDateTime, Word
from models.sealed import Personal
from safety.borrower_sheets import SHEETS, Sheet, role_of
from server.schemas.base import Instant


class PositionSchema(Schema):
    """WGS-84 degrees."""

    lon = fields.Float(required=True)
    lat = fields.Float(required=True)


MAY_BE: dict[str, Any] = {"required": True, "allow_none": True}  # it may be erased
MADE: dict[str, Callable[[], fields.Field[Any]]] = {  # by table and column
    "places.unschedulable": lambda: fields.List(fields.Dict(), **MAY_BE),
    "visits.obligations": lambda: fields.List(fields.Dict(), **MAY_BE),
    "case_changes.columns": lambda: fields.List(fields.String(), **MAY_BE),
    "wishes.spans": lambda: fields.List(fields.List(fields.Integer()), **MAY_BE),
    "places.position": lambda: fields.Nested(PositionSchema, **MAY_BE),
    "case_changes.old": lambda: fields.Dict(**MAY_BE),
    "contacts.decision": lambda: fields.Dict(**MAY_BE),
}
PLAIN: tuple[tuple[type, type[fields.Field[Any]]], ...] = (
    (Uuid, fields.UUID),
    (UtcDateTime, Instant),
    (Boolean, fields.Boolean),
    (Integer, fields.Integer),
    (String, fields.String),
)


def _field(model: Any, name: str) -> fields.Field[Any]:
    """What an attribute of a row is in the document."""
    if (make := MADE.get(f"{model.__tablename__}.{name}")) is not None:
        return make()
    attribute = vars(model).get(name)
    if isinstance(attribute, Personal):
        return _opened(attribute)
    kind = inspect(model).column_attrs[name].columns[0].type
    if isinstance(kind, Word):
        return fields.Enum(kind.words, by_value=True, **MAY_BE)
    return next(one for of, one in PLAIN if isinstance(kind, of))(**MAY_BE)


def _opened(attribute: Personal[Any]) -> fields.Field[Any]:
    load: Any = attribute.load
    if isinstance(load, type) and issubclass(load, StrEnum):
        return fields.Enum(load, by_value=True, **MAY_BE)
    return fields.Integer(**MAY_BE) if load is int else fields.String(**MAY_BE)


def _of(sheet: Sheet) -> type[Schema]:
    shown = {name: _field(sheet.model, name) for name in sheet.shows}
    people: dict[str, fields.Field[Any]] = {
        role_of(name): fields.Enum(Role, by_value=True, required=True, allow_none=True)
        for name in sheet.staff
    }
    if sheet.name == "visitors":
        people["badge_number"] = fields.String(required=True)
    words = "".join(part.capitalize() for part in sheet.name.split("_"))
    return Schema.from_dict({**shown, **people}, name=f"Held{words}")


class HolderSchema(Schema):
    """Who holds all this, by the name that borrowers know and by its own."""

    name = fields.String(required=True)
    public_name = fields.String(required=True)
    country = fields.String(required=True)


class SourceSchema(Schema):
    """The creditor from whom the data came."""

    code = fields.String(required=True)
    name = fields.String(required=True)


BorrowerFileSchema = Schema.from_dict(
    {
        "format": fields.String(required=True),
        "made_at": Instant(required=True),
        "organisation": fields.Nested(HolderSchema, required=True),
        "creditor": fields.Nested(SourceSchema, required=True),
        "withheld": fields.List(fields.String(), required=True),
        **{
            sheet.name: fields.Nested(
                _of(sheet), required=True, many=sheet.name != "borrower"
            )
            for sheet in SHEETS
        },
    },
    name="BorrowerFile",
)


class ObstacleSchema(Schema):
    """Why a borrower cannot be erased now."""

    code = fields.String(required=True)
    detail = fields.String(required=True)


class KeptSchema(Schema):
    """Rows of a table that the law keeps, and the day from which a purge takes them."""

    table = fields.String(required=True)
    count = fields.Integer(required=True)
    until = fields.String(required=True)


class ErasureSchema(Schema):
    """What an erasure would take and leave; with ``erased_at``: has taken and left.

    ``goes`` counts rows by table; ``called_off`` counts planned visits.
    """

    borrower_id = fields.UUID(required=True)
    erased_at = Instant(required=True, allow_none=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    goes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    stays = fields.List(fields.Nested(KeptSchema), required=True)
    called_off = fields.Integer(required=True)


class ErasureReceiptSchema(Schema):
    """One borrower was erased: counts by table, never a value."""

    id = fields.UUID(required=True)
    borrower_id = fields.UUID(required=True)
    asked_by = fields.UUID(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    kept = fields.List(fields.Nested(KeptSchema), required=True)
    called_off = fields.Integer(required=True)
    at = Instant(required=True)
