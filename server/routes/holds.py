"""Borrowers who are left alone for a time, and who read whose file."""

from typing import Any
from uuid import UUID

from accounts import access_log
from accounts.access import Action
from gate import holds
from models import BorrowerHold
from server import reading
from server.compose import holding
from server.endpoint import Call, Room, endpoint
from server.routes import cases, records
from server.schemas import holds as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("holds", __name__, url_prefix="/v1/holds", description=__doc__)


@endpoint(
    cases.room,
    "POST",
    "/<uuid:case_id>/holds",
    action=Action.RECORD_HOLD,
    body=schemas.NewHoldSchema,
    answer=schemas.HoldSchema,
    status=201,
)
def place_hold(call: Call, body: dict[str, Any], case_id: UUID) -> BorrowerHold:
    """Leave the case's borrower alone, as in illness or mourning.

    No contact that we start passes the gate meanwhile, for any of his cases; planned
    visits that would fall into the hold are called off, and who was told of one hears.
    """
    return holding.place(call, case_id, body)


@endpoint(
    cases.room,
    "GET",
    "/<uuid:case_id>/holds",
    action=Action.READ_CASES,
    query=PageQuery,
    answer=page_of(schemas.HoldSchema, "Hold"),
    reads=reading.ONE,
)
def page_holds(call: Call, query: dict[str, Any], case_id: UUID) -> dict[str, object]:
    """Holds of the case's borrower, oldest first, without the reason."""
    found = holds.page(call.session, call.actor, case_id, **query)
    return page(found, query["limit"])


@endpoint(
    room,
    "GET",
    "/<uuid:hold_id>",
    action=Action.READ_HOLD_WORDS,
    answer=schemas.HoldDetailSchema,
    reads=reading.OWN,
)
def get(call: Call, hold_id: UUID) -> BorrowerHold:
    """Why a borrower is left alone: for those who speak with him, and nobody else."""
    return holds.get(call.session, call.actor, hold_id)


@endpoint(
    room,
    "POST",
    "/<uuid:hold_id>/end",
    action=Action.RECORD_HOLD,
    answer=schemas.HoldSchema,
    errors=(409,),
)
def end(call: Call, hold_id: UUID) -> BorrowerHold:
    """End a hold early: from now on the borrower may be contacted again."""
    return holds.end(call.session, call.actor, hold_id, now=call.now)


@endpoint(
    records.room,
    "GET",
    "/access-log",
    action=Action.READ_ACCESS_LOG,
    query=schemas.AccessQuery,
    answer=page_of(schemas.AccessRecordSchema, "AccessRecord"),
)
def page_access(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """Who was shown which borrower's file when and by which route, oldest first."""
    return page(access_log.page(call.session, call.actor, **query), query["limit"])
