"""ETag, If-None-Match, If-Match: nobody overwrites what he has not read.

A version is a digest of what the thing's own GET answers. A change is compared with it
inside its transaction, while the thing's row is locked: of two people who read the
same, the second is told to read again.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, abort, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import NotFound
from models.base import Tenant

DIGEST_BYTES = 16
READS = ("GET", "HEAD")
READ_FIRST = (
    "Read it first, and send its ETag as If-Match: this change was not made. "
    '"If-Match: *" changes it however it stands.'
)
READ_AGAIN = "It was changed since you read it. Read it again; nothing was stored."

SAME = "Nothing has changed since the ETag that came as If-None-Match."
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "The ETag that its GET answered, or * for however it stands.",
    "schema": {"type": "string", "minLength": 1},
}
IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The ETag of an answer that the client has kept.",
    "schema": {"type": "string"},
}

Hold = Callable[..., None]


@dataclass(frozen=True)
class Edited:
    """What a route changes: the view that shows it, and how its row is locked.

    ``hold(session, actor, **path)`` locks, or raises ``NotFound``.
    """

    view: Callable[..., object]
    hold: Hold


def row(model: type[Tenant], noun: str) -> Hold:
    """Lock the row that the only id of the path names."""

    def hold(session: Session, actor: Actor, **path: UUID) -> None:
        [row_id] = path.values()
        query = (
            select(model)
            .where(model.id == row_id, model.organisation_id == actor.organisation_id)
            .execution_options(populate_existing=True)
            .with_for_update(key_share=True)
        )
        if session.scalar(query) is None:
            raise NotFound(noun)

    return hold


def tag(dumped: Any) -> str:
    """The version of a dumped answer."""
    if isinstance(dumped, bytes):
        return hashlib.blake2b(dumped, digest_size=DIGEST_BYTES).hexdigest()
    text = json.dumps(dumped, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def require(current: str) -> None:
    """428 without If-Match, 412 where it names another version."""
    if not request.headers.get("If-Match", "").strip():
        abort(428, description=READ_FIRST)
    given = request.if_match
    # a proxy that compresses marks tags as weak: they still name the same facts
    if not given.star_tag and not given.contains_weak(current):
        abort(412, description=READ_AGAIN)


def show(response: Response, current: str | None) -> Response:
    """Name the version; who has it already gets 304 instead of the same again."""
    if current is None:
        return response
    response.set_etag(current)
    held = request.if_none_match
    if request.method in READS and (held.star_tag or held.contains_weak(current)):
        same = Response(status=304, headers=response.headers)
        del same.headers["Content-Type"], same.headers["Content-Length"]
        return same
    return response
