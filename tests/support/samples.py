"""Valid bodies and queries for any route, made from its schemas."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, fields, validate
from PIL import Image

from core import ids
from server import callbacks
from server.endpoint import CONTRACTS, Contract
from server.schemas.base import Instant
from tests.support.clock import MORNING

WORDS = ("2580", "borrower_asked", "words enough for everybody")
BY_NAME = {"phone": "+8613912345678", "emergency_phone": "110", "kind": "console"}
BY_NAME |= {"currency": "CNY", "url": "https://192.88.98.1/in"}
BY_NAME |= dict.fromkeys(("hand_over", "begins", "ends"), "08:30")
BY_NAME |= {"time_zone": "Asia/Shanghai", "starts_on": "2026-11-23"}
BY_NAME |= {"types": "visit.published", "auth_header": "Authorization"}
BY_NAME |= {"callback_secret": "shown-when-they-call-us", "sha256": "0a" * 32}


def sample(schema: type[Schema], *, now: datetime = MORNING) -> dict[str, Any]:
    """The required fields of a schema, each with a value that it takes."""
    loaded = {
        field.data_key or name: value(name, field, now=now + timedelta(minutes=place))
        for place, (name, field) in enumerate(schema().fields.items())
        if field.required
    }
    return loaded or whole(schema)


def whole(schema: type[Schema]) -> dict[str, Any]:
    """All fields of a schema, the optional ones too."""
    return {
        name: value(name, field, now=MORNING + timedelta(minutes=place))
        for place, (name, field) in enumerate(schema().fields.items())
    }


def value(name: str, field: fields.Field[Any], *, now: datetime) -> Any:
    """A JSON value that one field takes."""
    if isinstance(field, Instant):
        return now.isoformat()
    if isinstance(field, fields.List):
        return [value(name, field.inner, now=now)]
    maker = next(
        (make for kind, make in MAKERS.items() if isinstance(field, kind)), None
    )
    return maker(field) if maker else BY_NAME.get(name) or _text(field)


def _word(field: fields.Field[Any]) -> str:
    return str(next(iter(field.enum)))  # type: ignore[attr-defined]


def _nested(field: fields.Field[Any]) -> dict[str, Any]:
    return sample(field.schema.__class__)  # type: ignore[attr-defined]


def _number(field: fields.Field[Any]) -> int:
    ranges = [one for one in field.validators if isinstance(one, validate.Range)]
    return max((int(one.min or 0) for one in ranges), default=1)


def _text(field: fields.Field[Any]) -> str:
    return next(word for word in WORDS if _taken(field, word))


def _taken(field: fields.Field[Any], word: str) -> bool:
    try:
        field.deserialize(word)
    except validate.ValidationError:
        return False
    return True


def path(contract: Contract, **ids_by_name: object) -> str:
    """The contract's path; a parameter that is not named gets an id of nobody."""
    found = contract.path.replace("<string:kind>", "overdue")
    while "<uuid:" in found:
        name = found.partition("<uuid:")[2].partition(">")[0]
        known = ids_by_name.get(name) or ids.new()
        found = found.replace(f"<uuid:{name}>", str(known))
    return found


def request(contract: Contract) -> dict[str, Any]:
    """Body and query with which the contract's input is valid."""
    options: dict[str, Any] = {}
    if contract.body is not None:
        options["json"] = sample(contract.body)
    if contract.upload is callbacks.fields:
        options["json"] = {"id": "1"}
    elif contract.upload is not None:
        options |= {"data": picture(), "content_type": "image/jpeg"}
    if contract.query is not None:
        options["query_string"] = sample_query(contract.query)
    return options


def picture(colour: object = "red", size: tuple[int, int] = (240, 320)) -> bytes:
    """A JPEG file."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")  # type: ignore[arg-type]
    return file.getvalue()


def sample_query(schema: type[Schema]) -> dict[str, Any]:
    """The required parameters of a query; one may have none."""
    names = [name for name, field in schema().fields.items() if field.required]
    return {name: given for name, given in whole(schema).items() if name in names}


def with_body() -> list[Contract]:
    """Every contract that reads JSON."""
    return [contract for contract in CONTRACTS if contract.body is not None]


MAKERS: dict[type[fields.Field[Any]], Callable[[fields.Field[Any]], Any]] = {
    fields.UUID: lambda _: str(ids.new()),
    fields.Enum: _word,
    fields.Nested: _nested,
    fields.Boolean: lambda _: True,
    fields.Dict: lambda _: {"to": "{to}", "text": "{text}"},
    fields.Number: _number,
    fields.Url: lambda _: "https://gateway.example/send",
}
