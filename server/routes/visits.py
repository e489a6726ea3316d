"""Visits before the door: propose, assign, publish, reschedule, cancel."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from accounts.access import Action
from core.actor import Actor
from models import Visit
from planning import crews, visits
from safety import asides
from server.compose import announcing, doors, permissions
from server.endpoint import Call, Room, endpoint
from server.schemas import visits as schemas
from server.schemas.base import page, page_of
from server.schemas.devices import SetAsidesSchema
from server.versions import Edited

room = Room("visits", __name__, url_prefix="/v1/visits", description=__doc__)


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_VISITS,
    query=schemas.VisitQuery,
    answer=page_of(schemas.VisitSchema, "Visit"),
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List visits, oldest first."""
    return page(visits.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "POST",
    "",
    action=Action.PLAN_VISITS,
    body=schemas.ProposeSchema,
    answer=schemas.VisitSchema,
    status=201,
    errors=(404, 409),
)
def propose(call: Call, body: dict[str, Any]) -> Visit:
    """Propose a visit; where the gate refuses, it gives every reason."""
    visit, _ = visits.propose(call.session, call.actor, now=call.now, **body)
    return visits.get(call.session, call.actor, visit.id)


@endpoint(
    room,
    "GET",
    "/<uuid:visit_id>",
    action=Action.READ_VISITS,
    answer=schemas.VisitDetailSchema,
)
def get(call: Call, visit_id: UUID) -> dict[str, object]:
    """One visit with its visitors and every check-in at its door."""
    return _with(call, visit_id, door=doors.at(call, visit_id))


@endpoint(
    room,
    "GET",
    "/<uuid:visit_id>/set-aside",
    action=Action.READ_VISITS,
    answer=SetAsidesSchema,
)
def set_aside(call: Call, visit_id: UUID) -> dict[str, object]:
    """List what phones that were reported lost have sent about it; it moved nothing.

    Apart from the visit itself: no stranger's act makes a version stale.
    """
    visits.get(call.session, call.actor, visit_id)
    found = asides.of_visit(call.session, call.actor, visit_id)
    return {"items": [doors.set_aside(event) for event in found]}


def _hold(session: Session, actor: Actor, *, visit_id: UUID) -> None:
    visits.locked(session, actor.organisation_id, visit_id)


VISIT = Edited(get, _hold)


@endpoint(
    room,
    "PUT",
    "/<uuid:visit_id>/visitors",
    action=Action.PLAN_VISITS,
    edits=VISIT,
    body=schemas.AssignSchema,
    answer=schemas.VisitSchema,
    errors=(409,),
)
def assign(call: Call, body: dict[str, Any], visit_id: UUID) -> Visit:
    """Choose the collectors; each needs a badge that is valid for the whole window.

    A code that the borrower already holds ends, and he is told that nobody comes:
    publish the visit again.
    """
    visit = visits.get(call.session, call.actor, visit_id)
    visitors = permissions.badged(call, visit, body["user_ids"])
    announcing.take_back(call, visit_id, reason="reassigned")
    assigned, _ = visits.assign(
        call.session, call.actor, visit_id, visitors=visitors, now=call.now
    )
    return assigned


@endpoint(
    room,
    "POST",
    "/<uuid:visit_id>/publication",
    action=Action.PLAN_VISITS,
    edits=VISIT,
    answer=schemas.PublishedSchema,
    errors=(409,),
)
def publish(call: Call, visit_id: UUID) -> dict[str, object]:
    """Publish to the collectors' day, and to the borrower by a notice."""
    visit, _ = visits.publish(call.session, call.actor, visit_id, now=call.now)
    permissions.require_worn(call, visit)
    notice = announcing.announce(call, visit_id)
    return _with(call, visit_id, notice=notice)


@endpoint(
    room,
    "PUT",
    "/<uuid:visit_id>/window",
    action=Action.PLAN_VISITS,
    edits=VISIT,
    body=schemas.WindowBody,
    answer=schemas.VisitSchema,
    errors=(409,),
)
def reschedule(call: Call, body: dict[str, Any], visit_id: UUID) -> Visit:
    """Move to another window; a published visit must then be published again.

    A borrower who had the notice is told that the old window does not hold.
    """
    announcing.take_back(call, visit_id, reason="rescheduled")
    moved, _ = visits.reschedule(
        call.session, call.actor, visit_id, now=call.now, **body
    )
    crew = [visitor.user_id for visitor in crews.active(moved)]
    permissions.badged(call, moved, crew)
    return moved


@endpoint(
    room,
    "POST",
    "/<uuid:visit_id>/cancellation",
    action=Action.PLAN_VISITS,
    edits=VISIT,
    body=schemas.CancelSchema,
    answer=schemas.VisitSchema,
    errors=(409,),
)
def cancel(call: Call, body: dict[str, Any], visit_id: UUID) -> Visit:
    """Cancel: the code ends, and a borrower who had the notice is told."""
    visits.cancel(call.session, call.actor, visit_id, now=call.now, **body)
    announcing.take_back(call, visit_id, reason="cancelled")
    return visits.get(call.session, call.actor, visit_id)


def _with(call: Call, visit_id: UUID, **more: object) -> dict[str, object]:
    visit = visits.get(call.session, call.actor, visit_id)
    names = schemas.VisitSchema().fields
    return {**{name: getattr(visit, name) for name in names}, **more}
