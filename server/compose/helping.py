"""Who needs help and where: for colleagues' phones, and whole for safety officers."""

from uuid import UUID

from sqlalchemy.orm import Session

from core.words import Role
from models import Alert, Place, User, Visit, WatchEvent
from safety import alerts, departures, escalation, situation
from safety.situation import Situation
from server.compose import doors
from server.endpoint import Call

MOST = 50  # open alerts on one phone


def alerts_told(call: Call) -> list[dict[str, object]]:
    """The open alerts of which the actor was told, his own too, newest first.

    Nothing here may depend on whom an alert is about alone: an alert that the actor
    was not told of does not exist for him, least of all one about himself.
    """
    session, actor = call.session, call.actor
    found = alerts.page(session, actor, only_open=True, before=None, limit=MOST)
    return [_shown(session, alert, actor.user_id) for alert in found]


def colleagues(call: Call) -> list[dict[str, object]]:
    """Who may be named as buddy now; a partner on the visit itself may not."""
    found = departures.may_be_buddies(call.session, call.actor)
    return [_name(user) for user in found]


def known(call: Call, alert: Alert) -> dict[str, object] | None:
    """The whole situation, for those who oversee alerts; a colleague gets ``None``."""
    if call.actor.role is Role.COLLECTOR:
        return None
    facts = situation.of(call.session, alert)
    return {
        "collector": reachable(facts.collector),
        "buddy": reachable(facts.buddy) if facts.buddy else None,
        "partners": [reachable(user) for user in facts.partners],
        "place": described(facts.place) if facts.place else None,
        "said": said(facts),
        "last_position": _fix(facts.last_fix) if facts.last_fix else None,
        "set_aside": [doors.set_aside(event) for event in facts.set_aside],
    }


def said(facts: Situation) -> list[dict[str, object]]:
    """What the collector wrote with his SOS, oldest first."""
    return [
        {
            "at": event.received_at,
            "words": WatchEvent.words.readable(event),
            "from_revoked_device": event.from_revoked_device,
        }
        for event in facts.said
    ]


def _fix(event: WatchEvent) -> dict[str, object] | None:
    position = WatchEvent.position.readable(event)
    if position is None:
        return None
    return {
        "lon": position.lon,
        "lat": position.lat,
        "accuracy_m": event.accuracy_m,
        "at": event.occurred_at,
        "from_revoked_device": event.from_revoked_device,
    }


def reachable(user: User) -> dict[str, object]:
    """Name and number of one of our own people."""
    return {**_name(user), "phone": User.phone.readable(user)}


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
        "collector": reachable(endangered),
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
    return described(session.get_one(Place, visit.place_id))


def described(place: Place) -> dict[str, object]:
    """Where it is; null is what cannot be read."""
    position = Place.position.readable(place)
    return {
        "kind": place.kind,
        "address": Place.address.readable(place),
        "lon": position.lon if position else None,
        "lat": position.lat if position else None,
        "time_zone": place.time_zone,
    }
