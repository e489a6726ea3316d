"""What a place is remembered for: the level, its marks, and the officers' reviews."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from accounts.access import Action
from core.actor import Actor
from core.words import Role
from gate.risk import MEASURES, Measures
from models import PlaceMark
from safety import place_memory
from server import reading
from server.endpoint import Call, Room, endpoint
from server.schemas import places as schemas
from server.schemas.base import PageQuery, page, page_of
from server.versions import Edited

room = Room("places", __name__, url_prefix="/v1/places", description=__doc__)


@endpoint(
    room,
    "GET",
    "/<uuid:place_id>/risk",
    action=Action.READ_PLACE_RISK,
    answer=schemas.RiskSchema,
    reads=reading.OWN,
)
def risk(call: Call, place_id: UUID) -> dict[str, object]:
    """How careful one has to be there now; why, and who has said so, for officers."""
    known = place_memory.look(call.session, call.actor, place_id, now=call.now)
    officer = call.actor.role is Role.SAFETY_OFFICER
    return {
        "place_id": known.place.id,
        "case_id": known.place.case_id,
        "level": known.level,
        "measures": _plain(MEASURES[known.level]),
        "marks": known.marks if officer else None,
        "waiting": sorted(known.waiting) if officer else None,
    }


def _plain(measures: Measures) -> dict[str, object]:
    return {
        "pair": measures.pair,
        "daylight": measures.daylight,
        "not_last": measures.not_last,
        "no_visit": measures.no_visit,
        "at_most_s": measures.at_most and int(measures.at_most.total_seconds()),
    }


def _hold(session: Session, actor: Actor, *, place_id: UUID) -> None:
    place_memory.hold(session, actor, place_id)


@endpoint(
    room,
    "GET",
    "/waiting",
    action=Action.REVIEW_PLACES,
    query=PageQuery,
    answer=page_of(schemas.WaitingSchema, "Waiting"),
)
def page_waiting(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List concerns and incidents that no officer has answered, oldest first."""
    found = place_memory.waiting(call.session, call.actor, **query)
    return page(found, query["limit"])


@endpoint(
    room,
    "POST",
    "/<uuid:place_id>/reviews",
    action=Action.REVIEW_PLACES,
    edits=Edited(risk, _hold),
    body=schemas.JudgementSchema,
    answer=schemas.MarkSchema,
    status=201,
    errors=(409,),
)
def review(call: Call, body: dict[str, Any], place_id: UUID) -> PlaceMark:
    """Answer all that was marked so far: this level holds instead, until its end.

    With ``If-Match``: a concern that came after the reading is not answered unseen.
    """
    return place_memory.review(call.session, call.actor, place_id, now=call.now, **body)


@endpoint(
    room,
    "POST",
    "/marks/<uuid:mark_id>/corrections",
    action=Action.REVIEW_PLACES,
    body=schemas.JudgementSchema,
    answer=schemas.MarkSchema,
    status=201,
    errors=(409,),
)
def correct(call: Call, body: dict[str, Any], mark_id: UUID) -> PlaceMark:
    """Set one wrong concern or incident right: it counts so, or not at all."""
    return place_memory.correct(call.session, call.actor, mark_id, now=call.now, **body)
