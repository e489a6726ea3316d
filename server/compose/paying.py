"""A payment that closes its case empties the case's planned visits with it."""

from models import Payment
from planning import payments
from planning.payments import Report
from server.compose import emptying
from server.endpoint import Call

REASON = "case_closed"


def record(call: Call, report: Report) -> Payment:
    """The payment; where it closes the case, nobody is on the way to it any more.

    A visit under way and its watches are left alone: they end at the door.
    """
    payment, closed = payments.record(call.session, call.actor, report, now=call.now)
    if closed:
        emptying.empty(call, payment.case_id, reason=REASON)
    return payment
