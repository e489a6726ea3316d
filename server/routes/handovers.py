"""The facts for the police call, and what a collector drives."""

from typing import Any
from uuid import UUID

from accounts.access import Action
from models import Vehicle
from safety import vehicles
from server import authentication
from server.compose import cap_messages, handing_over
from server.endpoint import Call, Room, endpoint
from server.routes import mobile, users
from server.schemas import handovers as schemas

room = Room("handovers", __name__, url_prefix="/v1/alerts", description=__doc__)


@endpoint(
    room,
    "GET",
    "/<uuid:alert_id>/handover",
    action=Action.READ_HANDOVER,
    answer=schemas.HandoverSchema,
)
def handover(call: Call, alert_id: UUID) -> dict[str, Any]:
    """Who, where, what happened, who is on the way: to be read to the police.

    For those who read the alert in full. The police decide what they do with it.
    """
    return handing_over.facts(call, alert_id)


@endpoint(
    room,
    "GET",
    "/<uuid:alert_id>/cap",
    action=Action.READ_HANDOVER,
    answer=schemas.CapXml,
)
def cap(call: Call, alert_id: UUID) -> bytes:
    """The same as a CAP 1.2 message, for systems of emergency services.

    Each is a new ``Alert`` with an identifier of its own; ``incidents`` has the alert's
    reference, by which they belong together.
    """
    return cap_messages.of(call, alert_id)


@endpoint(
    mobile.room,
    "PUT",
    "/vehicle",
    action=Action.SET_OWN_VEHICLE,
    door=authentication.at_work,
    body=schemas.VehicleSchema,
    answer=schemas.DrivenSchema,
)
def put_own_vehicle(call: Call, body: dict[str, Any]) -> Vehicle:
    """Say what one drives today; it stands in the handover if one needs help."""
    who = call.actor.user_id
    return vehicles.put(call.session, call.actor, who, now=call.now, **body)


@endpoint(
    users.room,
    "PUT",
    "/<uuid:user_id>/vehicle",
    action=Action.SET_VEHICLE,
    body=schemas.VehicleSchema,
    answer=schemas.DrivenSchema,
)
def put_vehicle(call: Call, body: dict[str, Any], user_id: UUID) -> Vehicle:
    """Say what a collector drives; the newest word holds, whoever has said it."""
    return vehicles.put(call.session, call.actor, user_id, now=call.now, **body)
