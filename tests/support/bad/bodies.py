"""Bodies that no operation takes: no JSON, another type, wrong fields, too large."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

from server.endpoint import Contract
from server.schemas.base import Instant
from server.schemas.mobile import CutText, OptionalInstant, PhoneInstant
from server.sizes import LARGEST_BODY
from tests.support import samples
from tests.support.bad.asking import JSON, Bad, Ids

DEEP = b"[" * 100_000 + b"]" * 100_000
NESTED = b'{"a":' * 25 + b"1" + b"}" * 25
UNREADABLE: dict[str, bytes] = {
    "nothing": b"",
    "broken": b'{"event_id": ',
    "two documents": b"{}{}",
    "the same name twice": b'{"a": 1, "a": 2}',
    "the same name twice inside": b'{"a": [{"b": 1, "b": 1}]}',
    "single quotes": b"{'a': 1}",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": -Infinity}',
    "beyond floats": b'{"a": 1e400}',
    "beyond integers": b'{"a": 123456789012345678901234567890}',
    "too many digits": b'{"a": ' + b"9" * 10_000 + b"}",
    "null byte": b'{"a": "x\\u0000y"}',
    "raw null byte": b'{"a": "x\x00y"}',
    "null byte in a name": b'{"a\\u0000": 1}',
    "lone surrogate": b'{"a": "\\ud800"}',
    "lone surrogate in a name": b'{"\\udfff": 1}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "deep": DEEP,
    "nested": NESTED,
}
NOT_OBJECTS = (b"null", b"[]", b'"text"', b"7", b"true", b'[{"a": 1}]')
OTHER_TYPES = (None, "", "text/plain", "application/x-www-form-urlencoded")
NEVER = ({"no": "such"}, [[]], "x" * 100_000, -(2**62), 1e300, "\u202e\ufeff")
UNSET = (
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1999-12-31T23:59:59Z",
)
UNREADABLE_TIMES = (
    "2026-11-24T10:00:00",
    "2026-11-24",
    "2026-02-30T10:00:00Z",
    "2026-11-24T25:00:00Z",
    "2026-11-24T10:00:00+99:99",
    "tomorrow",
    "",
    1764000000,
    1e300,
)
TIMES = UNSET + UNREADABLE_TIMES


def unreadable(contract: Contract, _: Ids) -> Iterator[Bad]:
    """What is no JSON, or JSON that no object is."""
    if contract.body is None:
        return
    for what, body in UNREADABLE.items():
        yield Bad(contract, what, {"data": body, "content_type": JSON}, (400,))
    for body in NOT_OBJECTS:
        yield Bad(contract, str(body), {"data": body, "content_type": JSON}, (422,))


def mislabelled(contract: Contract, _: Ids) -> Iterator[Bad]:
    """A good body said to be something else, or to be longer or shorter than it is."""
    if contract.body is None:
        return
    good = json.dumps(samples.sample(contract.body)).encode()
    for kind in OTHER_TYPES:
        yield Bad(contract, f"as {kind}", {"data": good, "content_type": kind}, (415,))
    packed: dict[str, Any] = {"data": gzip.compress(good), "content_type": JSON}
    packed["headers"] = {"Content-Encoding": "gzip"}
    yield Bad(contract, "gzip", packed, (415,))
    for length in (str(len(good) - 1), str(len(good) + 9), "1", "0", "-1", "many"):
        told = {"data": good, "content_type": JSON}
        lie = {**told, "environ_overrides": {"CONTENT_LENGTH": length}}
        yield Bad(contract, f"length {length}", lie, (400,))


def too_large(contract: Contract, _: Ids) -> Iterator[Bad]:
    """More than 1 MB, and good but for that."""
    if contract.body is not None:
        body = json.dumps(samples.sample(contract.body)).encode()
        body += b" " * LARGEST_BODY
        large = {"data": body, "content_type": JSON}
        yield Bad(contract, "more than 1 MB", large, (413,))


def wrong_fields(contract: Contract, _: Ids) -> Iterator[Bad]:
    """A good body but for one field."""
    if contract.body is None:
        return
    strange = {**samples.sample(contract.body), "organisation_id": "mine"}
    yield Bad(contract, "unknown field", {"json": strange}, (422,))
    for name, value, body in mutations(contract.body):
        yield Bad(contract, f"{name}: {str(value)[:40]}", {"json": body}, (422,))


def mutations(schema: type[Schema]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Bodies that are right but for one field: its name, its value, the body."""
    good = samples.whole(schema)
    for name, field in schema().fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            listed = inner is not field
            for at, value, part in mutations(inner.schema.__class__):
                yield f"{name}.{at}", value, {**good, name: [part] if listed else part}
        for value in wrong_for(field):
            yield name, value, {**good, name: value}
        if field.required:
            yield name, "left out", {key: good[key] for key in good if key != name}


def wrong_for(field: fields.Field[Any]) -> list[Any]:
    """What this field never takes."""
    if isinstance(field, OptionalInstant):
        return []
    return [*([] if field.allow_none else [None]), *never(field)]


def never(field: fields.Field[Any]) -> list[Any]:
    """Wrong kinds of values, apart from nothing at all."""
    match field:
        case PhoneInstant():
            return list(UNREADABLE_TIMES)
        case CutText():
            return [one for one in NEVER if not isinstance(one, str)]
        case Instant():
            return list(TIMES)
        case fields.Number() if not field.validators:
            return [one for one in NEVER if not isinstance(one, int | float)]
        case fields.String():
            return list(NEVER[:-1])
    return list(NEVER)
