"""A payment that closes its case empties the case's planned visits with it."""

from uuid import UUID

from models import Payment
from planning import payments, visit_states, visits
from planning.payments import Report
from planning.visit_states import Act
from server.compose import announcing
from server.endpoint import Call

REASON = "case_closed"


def record(call: Call, report: Report) -> Payment:
    """The payment; where it closes the case, nobody is on the way to it any more.

    A visit under way and its watches are left alone: they end at the door.
    """
    payment, closed = payments.record(call.session, call.actor, report, now=call.now)
    if closed:
        _empty(call, payment.case_id)
    return payment


def _empty(call: Call, case_id: UUID) -> None:
    """Call off what has not begun: codes end, and who had a notice is told."""
    organisation_id = call.actor.organisation_id
    for visit_id in visits.not_begun(call.session, organisation_id, case_id):
        visit = visits.locked(call.session, organisation_id, visit_id)
        if visit_states.after(Act.CANCEL, visit.state) is None:
            continue  # it began while we waited for its row
        visits.cancel(call.session, call.actor, visit_id, reason=REASON, now=call.now)
        announcing.take_back(call, visit_id, reason="cancelled")
