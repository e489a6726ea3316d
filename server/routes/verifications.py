"""The borrower's check: no account, no token, the same shape for every answer."""

from typing import Any

from flask import request

from credentials.checks import Checked
from server.compose import checking
from server.endpoint import Call, Room, endpoint, runtime
from server.schemas import visits as schemas

room = Room(
    "verifications", __name__, url_prefix="/v1/verifications", description=__doc__
)


def described(checked: Checked) -> dict[str, Any]:
    """The answer in words, with photos."""
    return checking.describe(checked, runtime().photos)


@endpoint(
    room,
    "POST",
    "",
    action=None,
    door=None,
    body=schemas.CheckSchema,
    answer=schemas.CheckAnswerSchema,
    finish=described,
)
def check(call: Call, body: dict[str, Any]) -> Checked:
    """Who is at the door? Asked before opening, with the code from the notice."""
    return checking.check(
        call.session,
        code=body["code"],
        source=request.remote_addr or "",
        now=call.now,
    )
