"""What a colleague who is asked to help needs on his phone: who, where, whose alert."""

from uuid import UUID

from sqlalchemy.orm import Session

from models import Alert, Place, User, Visit
from safety import alerts, escalation
from server.endpoint import Call

MOST = 50  # open alerts on one phone


def alerts_told(call: Call) -> list[dict[str, object]]:
    """The open alerts of which the actor was told, his own too, newest first.

    Nothing here may depend on whom an alert is about alone: an alert that the actor
    was not told of does not exist for him, least of all one about himself.
    """
    session, actor = call.session, call.actor
    found = alerts.page(session, actor, only_open=True, before=None, limit=MOST)
    return [
        _shown(session, alert, actor.user_id)
        for alert in found
        if actor.user_id in alerts.told(session, alert)
    ]


def _shown(session: Session, alert: Alert, reader_id: UUID) -> dict[str, object]:
    endangered = session.get_one(User, alert.user_id)
    return {
        "id": alert.id,
        "reference": escalation.reference(alert),
        "kind": alert.kind,
        "opened_at": alert.opened_at,
        "about_me": alert.user_id == reader_id,
        "owner": _named(session, alert.owner_id),
        "owned_until": alert.owned_until,
        "collector": {**_name(endangered), "phone": User.phone.readable(endangered)},
        "place": _planned_place(session, alert),
    }


def _named(session: Session, user_id: UUID | None) -> dict[str, object] | None:
    return _name(session.get_one(User, user_id)) if user_id is not None else None


def _name(user: User) -> dict[str, object]:
    return {"user_id": user.id, "name": User.name.readable(user)}


def _planned_place(session: Session, alert: Alert) -> dict[str, object] | None:
    """Where the visit was planned; a damaged value costs nobody the rest."""
    if alert.visit_id is None:
        return None
    visit = session.get_one(Visit, alert.visit_id)
    place = session.get_one(Place, visit.place_id)
    position = Place.position.readable(place)
    return {
        "kind": place.kind,
        "address": Place.address.readable(place),
        "lon": position.lon if position else None,
        "lat": position.lat if position else None,
        "time_zone": place.time_zone,
    }
