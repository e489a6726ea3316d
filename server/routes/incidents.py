"""Incidents: reported after an alert or without one, corrected, never changed."""

from typing import Any
from uuid import UUID

from accounts.access import Action
from models import Incident
from safety import incidents
from safety.incidents import Account
from server import authentication, reading
from server.endpoint import Call, Room, endpoint
from server.schemas import incidents as schemas
from server.schemas.base import PageQuery, page, page_of

room = Room("incidents", __name__, url_prefix="/v1/incidents", description=__doc__)


@endpoint(
    room,
    "POST",
    "",
    action=Action.REPORT_INCIDENT,
    door=authentication.at_work,
    body=schemas.NewIncidentSchema,
    answer=schemas.ReportedSchema,
    status=201,
    errors=(404,),
)
def report(call: Call, body: dict[str, Any]) -> Incident:
    """Report what happened to one of our own; its place asks for more care at once.

    A collector names a visit of his own, an alert that he was told of, or neither. Who
    has reported it is shown to safety officers only.
    """
    about = {name: body.pop(name) for name in ("alert_id", "visit_id", "place_id")}
    account = Account(**body)
    return incidents.report(call.session, call.actor, account, now=call.now, **about)


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_INCIDENTS,
    query=PageQuery,
    answer=page_of(schemas.ReportedSchema, "Incident"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List the newest versions of all reports, oldest first."""
    return page(incidents.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "GET",
    "/<uuid:incident_id>",
    action=Action.READ_INCIDENTS,
    answer=schemas.IncidentSchema,
    reads=reading.PERHAPS,
)
def get(call: Call, incident_id: UUID) -> dict[str, object]:
    """Every version of one report, with words and who has reported it."""
    found, case_id = incidents.versions(call.session, call.actor, incident_id)
    return {"case_id": case_id, "versions": found}


@endpoint(
    room,
    "POST",
    "/<uuid:incident_id>/corrections",
    action=Action.CORRECT_INCIDENT,
    body=schemas.AccountSchema,
    answer=schemas.VersionSchema,
    status=201,
    errors=(409,),
)
def correct(call: Call, body: dict[str, Any], incident_id: UUID) -> Incident:
    """Add a version instead of the newest; the earlier ones stay."""
    account = Account(**body)
    return incidents.correct(
        call.session, call.actor, incident_id, account, now=call.now
    )
