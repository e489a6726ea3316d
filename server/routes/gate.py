"""The one decision: may we make this contact now, by this channel, at this place?"""

from typing import Any

from accounts.access import Action
from core.instants import Interval
from gate import decisions
from server.endpoint import Call, Room, endpoint
from server.schemas import visits as schemas

room = Room("gate", __name__, url_prefix="/v1/gate", description=__doc__)


@endpoint(
    room,
    "POST",
    "/decisions",
    action=Action.ASK_GATE,
    body=schemas.QuestionSchema,
    answer=schemas.DecisionSchema,
    errors=(404,),
)
def decide(call: Call, body: dict[str, Any]) -> dict[str, object]:
    """Allowed or refused: every reason, obligations, the next lawful instant."""
    return decisions.decide(
        call.session,
        organisation_id=call.actor.organisation_id,
        case_id=body["case_id"],
        place_id=body["place_id"],
        channel=body["channel"],
        interval=Interval(body["start"], body["end"]),
        people=body["people"],
        now=call.now,
    ).as_json()
