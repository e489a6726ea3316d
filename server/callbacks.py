"""What providers send us: in their own forms, and known by the channel's own secret."""

import hmac
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import abort, request
from sqlalchemy.orm import Session
from webargs.core import is_json

from core.errors import Unauthenticated
from models import MessageChannel
from server import parser

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 100
NOT_KNOWN = "Show the channel's callback secret: as a bearer token, or as a password."

BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": {"type": "object"}},
        FORM: {
            "schema": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "maxProperties": MOST_FIELDS,
            }
        },
    },
}


def fields() -> dict[str, Any]:
    """The body, JSON or a form, as names and values; each name once."""
    body = request.get_data()
    if is_json(request.mimetype):
        found = parser.read(body)
        if not isinstance(found, dict):
            abort(400, description="Send a JSON object.")
        return found
    if request.mimetype != FORM:
        abort(415, description=f"Send the body as application/json or {FORM}.")
    return _form(body)


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
        found = dict(pairs)
        parser.check(found)
    except ValueError:
        abort(400, description="The body is no form that can be read.")
    if len(found) < len(pairs):
        abort(400, description="The form contains the same name twice.")
    return found


def channel(session: Session, channel_id: UUID) -> MessageChannel:
    """The channel whose secret this request shows; ``Unauthenticated`` otherwise.

    That there is no such channel, or that it expects no calls, sounds the same.
    """
    found = session.get(MessageChannel, channel_id)
    expected = found.callback_secret if found is not None else None
    given = _shown()
    if found is None or expected is None or given is None:
        raise Unauthenticated(NOT_KNOWN)
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise Unauthenticated(NOT_KNOWN)
    return found


def _shown() -> str | None:
    """A bearer token, or the password of HTTP Basic, as callback URLs can have it."""
    try:
        given = request.authorization
    except ValueError:  # a password in no base64
        return None
    if given is None:
        return None
    if given.type == "bearer":
        return given.token
    return given.password if given.type == "basic" else None
