"""Payments that lenders report: they lower or close a case; a person reopens it."""

from typing import Any
from uuid import UUID

from accounts.access import Action
from models import Case, Payment
from planning import payments
from planning.payments import Report
from server import reading
from server.compose import paying
from server.endpoint import Call, Room, endpoint
from server.routes import cases
from server.schemas import payments as schemas
from server.schemas.base import PageQuery, page, page_of
from server.schemas.cases import CaseSchema

room = Room("payments", __name__, url_prefix="/v1/payments", description=__doc__)


@endpoint(
    room,
    "POST",
    "",
    action=Action.RECORD_PAYMENT,
    body=schemas.NewPaymentSchema,
    answer=schemas.PaymentSchema,
    status=201,
    errors=(404, 409),
)
def record(call: Call, body: dict[str, Any]) -> Payment:
    """Report a payment; the same reference with the same content changes nothing.

    It lowers what is open. Once nothing is, the case is closed: no contact is allowed
    any more, planned visits are called off, and who was told of one hears so.
    """
    return paying.record(call, Report(**body))


@endpoint(
    cases.room,
    "GET",
    "/<uuid:case_id>/payments",
    action=Action.READ_CASES,
    query=PageQuery,
    answer=page_of(schemas.PaymentSchema, "Payment"),
    reads=reading.ONE,
)
def page_payments(
    call: Call, query: dict[str, Any], case_id: UUID
) -> dict[str, object]:
    """Payments of one case, oldest first."""
    found = payments.page(call.session, call.actor, case_id, **query)
    return page(found, query["limit"])


@endpoint(
    cases.room,
    "POST",
    "/<uuid:case_id>/reopening",
    action=Action.REOPEN_CASES,
    body=schemas.ReopeningSchema,
    answer=CaseSchema,
    errors=(409,),
)
def reopen(call: Call, body: dict[str, Any], case_id: UUID) -> Case:
    """Say that a closed case is owed again, as after a payment that was returned."""
    return payments.reopen(call.session, call.actor, case_id, now=call.now, **body)
