"""What is kept for a named purpose, and receipts of what was purged."""

from typing import Any
from uuid import UUID

from accounts.access import Action
from models import NamedHold
from safety import named_holds, purging
from server.endpoint import Call, Room, endpoint
from server.schemas import purges as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("named_holds", __name__, url_prefix="/v1/named-holds", description=__doc__)
receipts_room = Room("purges", __name__, url_prefix="/v1/purges")


@endpoint(
    room,
    "POST",
    "",
    action=Action.MANAGE_NAMED_HOLDS,
    body=schemas.NewNamedHoldSchema,
    answer=schemas.NamedHoldSchema,
    status=201,
    errors=(404,),
)
def place(call: Call, body: dict[str, Any]) -> NamedHold:
    """Keep everything of a case, or of an alert, from purging and erasing."""
    return named_holds.place(call.session, call.actor, now=call.now, **body)


@endpoint(
    room,
    "GET",
    "",
    action=Action.MANAGE_NAMED_HOLDS,
    query=PageQuery,
    answer=page_of(schemas.NamedHoldSchema, "NamedHold"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List named holds, oldest first, lifted ones too."""
    return page(named_holds.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "/<uuid:named_hold_id>/lifting",
    action=Action.MANAGE_NAMED_HOLDS,
    answer=schemas.NamedHoldSchema,
    errors=(409,),
)
def lift(call: Call, named_hold_id: UUID) -> NamedHold:
    """Lift a named hold: what it kept goes with the next purge."""
    return named_holds.lift(call.session, call.actor, named_hold_id, now=call.now)


@endpoint(
    receipts_room,
    "GET",
    "",
    action=Action.READ_PURGES,
    query=schemas.ReceiptQuery,
    answer=page_of(schemas.PurgeReceiptSchema, "PurgeReceipt"),
)
def page_receipts(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """What was purged when, oldest first; a run has a row for each batch."""
    return page(purging.page(call.session, call.actor, **query), query["limit"])
