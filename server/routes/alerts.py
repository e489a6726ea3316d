"""Alerts: see, acknowledge, note, close with words."""

from typing import Any
from uuid import UUID

from flask import Response

from accounts.access import Action
from models import Alert
from safety import alerts, closing, escalation, timeline
from server import authentication, streams
from server.compose import helping, visit_ends
from server.endpoint import Call, Errand, Room, endpoint
from server.schemas import alerts as schemas
from server.schemas.base import page, page_of

room = Room("alerts", __name__, url_prefix="/v1/alerts", description=__doc__)


def describe(call: Call, alert: Alert) -> dict[str, object]:
    """An alert with its timeline, everyone told, and what is known of the danger."""
    columns = schemas.AlertSchema().fields
    facts = {name: getattr(alert, name) for name in columns if name != "reference"}
    return {
        **facts,
        "reference": escalation.reference(alert),
        "timeline": timeline.of(call.session, alert),
        "told": alerts.told(call.session, alert),
        "situation": helping.known(call, alert),
    }


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_ALERTS,
    query=schemas.AlertQuery,
    answer=page_of(schemas.AlertSchema, "Alert"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List alerts, newest first."""
    found = alerts.page(
        call.session,
        call.actor,
        only_open=query["open"],
        before=query["after"],
        limit=query["limit"],
    )
    for alert in found:
        alert.reference = escalation.reference(alert)  # type: ignore[attr-defined]
    return page(found, query["limit"])


@endpoint(
    room,
    "GET",
    "/stream",
    action=Action.READ_ALERTS,
    answer=schemas.PingSchema,
    errors=(503,),
    stream=True,
)
def stream(errand: Errand) -> Response:
    """Server-Sent Events while the log-in stands: which alerts changed, ids only.

    ``event: alert`` names one to be read again, ``event: reload`` asks to read all.
    """
    return streams.alerts(errand.runtime, errand.actor)


@endpoint(
    room,
    "GET",
    "/<uuid:alert_id>",
    action=Action.ACKNOWLEDGE_ALERT,
    door=authentication.at_work,
    answer=schemas.AlertDetailSchema,
)
def get(call: Call, alert_id: UUID) -> dict[str, object]:
    """One alert with its timeline; colleagues see only alerts they were told of."""
    return describe(call, alerts.get(call.session, call.actor, alert_id))


@endpoint(
    room,
    "POST",
    "/<uuid:alert_id>/acknowledgement",
    action=Action.ACKNOWLEDGE_ALERT,
    door=authentication.at_work,
    answer=schemas.AlertDetailSchema,
    errors=(409,),
)
def acknowledge(call: Call, alert_id: UUID) -> dict[str, object]:
    """Take ownership for the policy's lease; after that the ladder goes on."""
    taken = alerts.acknowledge(call.session, call.actor, alert_id, now=call.now)
    return describe(call, taken)


@endpoint(
    room,
    "POST",
    "/<uuid:alert_id>/notes",
    action=Action.NOTE_ALERT,
    door=authentication.at_work,
    body=schemas.NoteSchema,
    answer=schemas.AlertDetailSchema,
    status=201,
    errors=(409,),
)
def note(call: Call, body: dict[str, Any], alert_id: UUID) -> dict[str, object]:
    """Add a note to the timeline; this pauses nothing."""
    words = body["words"]
    noted = alerts.note(call.session, call.actor, alert_id, words=words, now=call.now)
    return describe(call, noted)


@endpoint(
    room,
    "POST",
    "/<uuid:alert_id>/closing",
    action=Action.CLOSE_ALERT,
    body=schemas.CloseSchema,
    answer=schemas.AlertDetailSchema,
    errors=(409,),
)
def close(call: Call, body: dict[str, Any], alert_id: UUID) -> dict[str, object]:
    """Close it with words; everyone who was told gets the all-clear."""
    closed = closing.close(call.session, call.actor, alert_id, now=call.now, **body)
    if closed.visit_id is not None:
        visit_ends.after_an_act(call, closed.user_id, closed.visit_id)
    return describe(call, closed)
