"""An erasure calls off the borrower's planned visits; nobody is sent word of it.

A message would need the number that is to go. Whoever asked is told by whoever answers
him; the receipt says how many visits were called off.
"""

from uuid import UUID

from credentials import visit_codes
from planning import visits
from safety import erasing, erasure_looks
from safety.erasure_looks import Standing
from server.endpoint import Call

REASON = "erased"


def look(call: Call, borrower_id: UUID) -> Standing:
    """How it stands with him."""
    return erasure_looks.look(call.session, call.actor, borrower_id, now=call.now)


def erase(call: Call, borrower_id: UUID) -> Standing:
    """Erase him, whom the caller holds; who was erased before stays as he is.

    ``Conflict`` while something is in the way: then nothing is changed.
    """
    if look(call, borrower_id).erased_at is None:
        erasing.require(call.session, call.actor, borrower_id, now=call.now)
        called_off = erasing.planned(call.session, call.actor, borrower_id)
        for visit_id in called_off:
            visits.cancel(
                call.session, call.actor, visit_id, reason=REASON, now=call.now
            )
            visit_codes.end(call.session, visit_id, reason="cancelled", now=call.now)
        erasing.erase(
            call.session,
            call.actor,
            borrower_id,
            called_off=len(called_off),
            now=call.now,
        )
    return look(call, borrower_id)
