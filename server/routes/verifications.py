"""The borrower's check: no account, no token, the same shape for every answer."""

from typing import Any

from flask import request

from server.compose import checking
from server.endpoint import Call, Room, endpoint
from server.schemas import visits as schemas

room = Room(
    "verifications", __name__, url_prefix="/v1/verifications", description=__doc__
)


@endpoint(
    room,
    "POST",
    "",
    action=None,
    door=None,
    body=schemas.CheckSchema,
    answer=schemas.CheckAnswerSchema,
)
def check(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Who is at the door? Asked before opening, with the code from the notice."""
    checked = checking.check(
        call.session,
        code=body["code"],
        source=request.remote_addr or "",
        now=call.now,
    )
    return checking.describe(checked)
