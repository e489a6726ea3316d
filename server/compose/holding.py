"""A hold empties the borrower's planned visits at once; who waits is told."""

from typing import Any
from uuid import UUID

from gate import holds
from models import BorrowerHold
from server.compose import emptying
from server.endpoint import Call


def place(call: Call, case_id: UUID, body: dict[str, Any]) -> BorrowerHold:
    """The hold; planned visits that would fall into it are called off with it."""
    hold = holds.place(call.session, call.actor, case_id=case_id, now=call.now, **body)
    for each in holds.cases_of(call.session, hold):
        emptying.empty(
            call,
            each,
            reason="on_hold",
            during=(hold.starts_at, hold.ends_at),
        )
    return hold
