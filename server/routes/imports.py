"""Imports of case files: received at once, taken by a worker."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import abort, request
from sqlalchemy.orm import Session

from accounts.access import Action
from core.actor import Actor
from models import database
from planning import imports
from planning.case_formats import JSON_TYPES
from server.endpoint import Call, Errand, Room, endpoint
from server.schemas import cases as schemas

room = Room("imports", __name__, url_prefix="/v1/imports", description=__doc__)
TYPES = sorted({"text/csv", *JSON_TYPES})
TEXT = {"schema": {"type": "string", "format": "binary"}}
CASE_FILE = {"required": True, "content": dict.fromkeys(TYPES, TEXT)}
PIECE = 262_144


@endpoint(
    room,
    "POST",
    "",
    action=Action.IMPORT_CASES,
    query=schemas.ImportQuery,
    answer=schemas.ImportDetailSchema,
    status=202,
    errors=(400, 409, 413, 415, 422),
    own_transactions=True,
)
@room.doc(requestBody=CASE_FILE)  # type: ignore[untyped-decorator]
def take(errand: Errand, query: dict[str, Any]) -> dict[str, object]:
    """Send a case file, CSV or JSON lines, and look at the import for its progress.

    A file that cannot be read as a whole is refused at once. A worker stores the good
    lines and lists the bad ones.
    """
    if request.mimetype not in TYPES:
        abort(415, description=f"Send the file as {' or '.join(TYPES)}.")
    import_id = imports.receive(
        errand.runtime.sessions,
        errand.actor,
        chunks=_pieces(),
        dry_run=query["dry_run"],
        clock_now=errand.runtime.clock.now,
    )
    with database.reading(errand.runtime.sessions) as session:
        return _with_problems(session, errand.actor, import_id)


@endpoint(
    room,
    "GET",
    "/<uuid:import_id>",
    action=Action.IMPORT_CASES,
    answer=schemas.ImportDetailSchema,
)
def get_import(call: Call, import_id: UUID) -> dict[str, object]:
    """One import: how far it is, its counts and its problems."""
    return _with_problems(call.session, call.actor, import_id)


def _pieces() -> Iterator[bytes]:
    """The request's body, never all of it at once."""
    while piece := request.stream.read(PIECE):
        yield piece


def _with_problems(
    session: Session, actor: Actor, import_id: UUID
) -> dict[str, object]:
    row = imports.get(session, actor, import_id)
    names = set(schemas.ImportSchema().fields) - {"state"}
    facts = {name: getattr(row, name) for name in names}
    problems = imports.problems(session, actor, import_id)
    return {**facts, "state": imports.state(row), "problems": problems}
