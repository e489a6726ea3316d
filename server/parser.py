"""Strict reading of requests: what JSON does not know, we do not take."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Request, abort
from marshmallow import ValidationError
from webargs.core import is_json
from webargs.flaskparser import FlaskParser

DEEPEST = 20
LARGEST_INT = 2**63 - 1
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
GZIP = b"\x1f\x8b"
PACKED = "Send the body as it is, without Content-Encoding."


class StrictParser(FlaskParser):
    """JSON bodies without NaN, null bytes, lone surrogates, huge or deep values."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": "raise", "query": "raise"}  # noqa: RUF012

    def load_json(self, req: Request, schema: Any) -> Any:
        """The body of a request, or 400 and 415 in words."""
        if not is_json(req.mimetype):
            abort(415, description="Send the body as application/json.")
        body = req.get_data(cache=True)
        if body.startswith(GZIP):
            abort(415, description=PACKED)
        return read(body)

    def load_querystring(self, req: Request, schema: Any) -> Any:
        """The query, with the same care for its characters; each name once."""
        _check_query(req)
        for name, values in req.args.lists():
            if len(values) > 1:
                raise ValidationError({name: ["Send it once."]})
        return super().load_querystring(req, schema)


def read(body: bytes) -> Any:
    """Parse strictly; aborts with 400 and a reason that does not repeat the input."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_constant=_refuse_constant,
            object_pairs_hook=_each_once,
        )
        check(value)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        known = isinstance(error, _Refused)
        reason = str(error) if known else "The body is not valid UTF-8 JSON."
        abort(400, description=reason)
    return value


class _Refused(ValueError):
    """A value that JSON can write and we do not take."""


def check(value: Any, depth: int = 0) -> None:
    """Raise for anything that a database or a reader would choke on."""
    if depth > DEEPEST:
        raise _Refused("The body is nested too deeply.")
    if isinstance(value, str):
        _check_characters(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check_characters(key)
            check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check(item, depth + 1)
    elif _beyond(value):
        raise _Refused("The body contains a number that is too large.")


def _beyond(value: Any) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > LARGEST_INT


def _check_characters(text: str) -> None:
    if "\x00" in text:
        raise _Refused("The body contains a null character.")
    if NO_TEXT.search(text):
        raise _Refused("The body contains half a surrogate pair.")


def _check_query(req: Request) -> None:
    """Flask itself would put another character where one cannot be read."""
    try:
        _check_characters(unquote_to_bytes(req.query_string).decode("utf-8"))
    except (UnicodeDecodeError, _Refused):
        abort(400, description="The query contains a character that is not text.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ about which of two counts: neither does."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused("The body contains the same name twice in one object.")
    return found


def _refuse_constant(name: str) -> None:
    raise _Refused("NaN and Infinity are not numbers in JSON.")
