"""What happened: the contact ledger, the audit, the messages."""

from typing import Any

from accounts import audit
from accounts.access import Action
from contact import outbox, reports
from gate import ledger
from models import Message
from server import reading
from server.endpoint import Call, Room, endpoint
from server.schemas import records as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("records", __name__, url_prefix="/v1", description=__doc__)


@endpoint(
    room,
    "GET",
    "/contacts",
    action=Action.READ_LEDGER,
    query=schemas.LedgerQuery,
    answer=page_of(schemas.ContactSchema, "Contact"),
    reads=reading.OF_ITEMS,
)
def page_contacts(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """Every contact of one case, oldest first, with the decision that allowed it."""
    return page(ledger.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "GET",
    "/audit",
    action=Action.READ_AUDIT,
    query=PageQuery,
    answer=page_of(schemas.AuditSchema, "Audit"),
)
def page_audit(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """The audit rows of the organisation, oldest first."""
    return page(audit.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "GET",
    "/messages",
    action=Action.READ_MESSAGES,
    query=schemas.MessageQuery,
    answer=page_of(schemas.MessageSchema, "Message"),
)
def page_messages(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """Messages and their states, oldest first; never a body or a recipient."""
    found = outbox.page(call.session, call.actor, **query)
    for message_id, said in reports.of_messages(call.session, found).items():
        call.session.get_one(Message, message_id).reports = said  # type: ignore[attr-defined]
    return page(found, query["limit"])
