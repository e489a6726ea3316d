"""One borrower's rights: a copy of all that is held about him, and its erasure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from accounts.access import Action
from safety import borrower_files, erasing, erasure_looks
from safety.erasure_looks import Standing
from server import reading
from server.compose import erasing as composed
from server.endpoint import Call, Room, endpoint
from server.schemas import borrowers as schemas
from server.schemas.base import PageQuery, page, page_of
from server.versions import Edited

room = Room("borrowers", __name__, url_prefix="/v1/borrowers", description=__doc__)
receipts_room = Room("erasures", __name__, url_prefix="/v1/erasures")


@endpoint(
    room,
    "POST",
    "/<uuid:borrower_id>/export",
    action=Action.EXPORT_BORROWER,
    answer=schemas.BorrowerFileSchema,
    reads=reading.CASES,
)
def export(call: Call, borrower_id: UUID) -> Mapping[str, Any]:
    """All that is held about a borrower, in one document; that it was made is recorded.

    Kind and words of holds are for the contact desk alone: a copy for the borrower
    himself is made there. What a copy lacks stands in ``withheld``.
    """
    return borrower_files.export(call.session, call.actor, borrower_id, now=call.now)


@endpoint(
    room,
    "GET",
    "/<uuid:borrower_id>/erasure",
    action=Action.READ_ERASURES,
    answer=schemas.ErasureSchema,
)
def look(call: Call, borrower_id: UUID) -> dict[str, object]:
    """What an erasure would take, what the law keeps until when, what is in its way."""
    return _told(composed.look(call, borrower_id))


@endpoint(
    room,
    "PUT",
    "/<uuid:borrower_id>/erasure",
    action=Action.ERASE_BORROWER,
    answer=schemas.ErasureSchema,
    errors=(409,),
    edits=Edited(look, erasing.hold),
)
def erase(call: Call, borrower_id: UUID) -> dict[str, object]:
    """Erase a borrower for good, once it has been looked at what goes and what stays.

    Refused while somebody is at his door, or an alert or a named hold keeps his file.
    Planned visits are called off; he himself is sent no word of it. Who was erased
    before stays as he is.
    """
    return _told(composed.erase(call, borrower_id))


@endpoint(
    receipts_room,
    "GET",
    "",
    action=Action.READ_ERASURES,
    query=PageQuery,
    answer=page_of(schemas.ErasureReceiptSchema, "Erasure"),
)
def page_receipts(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """Receipts of erasures, oldest first."""
    return page(erasing.page(call.session, call.actor, **query), query["limit"])


def _told(standing: Standing) -> dict[str, object]:
    found = [erasure_looks.explained(code) for code in standing.obstacles]
    return {**asdict(standing), "obstacles": found}
