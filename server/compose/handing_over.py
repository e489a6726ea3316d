"""A handover as plain facts, for the API and for the page that the police hear."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from core.words import Role
from models import AlertEntry, Badge, Incident, User, Vehicle
from safety import alerts, escalation, handover
from safety.handover import Handover, Helper, Whereabouts
from server.compose import helping
from server.endpoint import Call


def facts(call: Call, alert_id: UUID) -> dict[str, Any]:
    """The facts of an alert that the actor may read in full; ``NotFound`` otherwise."""
    alert = alerts.get(call.session, call.actor, alert_id)
    return described(call, handover.of(call.session, alert, now=call.now))


def described(call: Call, found: Handover) -> dict[str, Any]:
    """The same as plain values. Words of incidents are for safety officers."""
    alert, known = found.alert, found.known
    return {
        "made_at": call.now,
        "alert_id": alert.id,
        "reference": escalation.reference(alert),
        "kind": alert.kind,
        "opened_at": alert.opened_at,
        "closed_at": alert.closed_at,
        "organisation": found.organisation.name,
        "emergency_phone": found.organisation.emergency_phone,
        "collector": helping.reachable(known.collector),
        "badge": _badge(found.badge),
        "vehicle": Vehicle.words.readable(found.vehicle) if found.vehicle else None,
        "buddy": helping.reachable(known.buddy) if known.buddy else None,
        "partners": [helping.reachable(user) for user in known.partners],
        "visit_start": known.visit.planned_start if known.visit else None,
        "visit_end": known.visit.planned_end if known.visit else None,
        "place": _place(call, found),
        "positions": [_position(one, call.now) for one in found.positions],
        "said": helping.said(known),
        "helpers": [_helper(one) for one in found.helpers],
        "timeline": [_line(call.session, one) for one in found.entries],
    }


def _badge(badge: Badge | None) -> dict[str, object] | None:
    if badge is None:
        return None
    return {
        "number": badge.number,
        "public_name": Badge.public_name.readable(badge),
        "photo": f"/v1/badges/{badge.id}/photo" if badge.photo_id else None,
    }


def _place(call: Call, found: Handover) -> dict[str, object] | None:
    place = found.known.place
    if place is None:
        return None
    all_of_it = call.actor.role is Role.SAFETY_OFFICER
    return {
        **helping.described(place),
        "level": found.level,
        "incidents": [_happened(one, words=all_of_it) for one in found.incidents],
    }


def _happened(incident: Incident, *, words: bool) -> dict[str, object]:
    return {
        "category": incident.category,
        "harm": incident.harm,
        "happened_at": incident.happened_at,
        "words": Incident.words.readable(incident) if words else None,
    }


def _position(one: Whereabouts, now: datetime) -> dict[str, object]:
    return {
        "lat": one.position.lat,
        "lon": one.position.lon,
        "accuracy_m": one.accuracy_m,
        "at": one.at,
        "age_s": one.age_s(now),
        "source": one.source,
        "estimated": one.estimated,
        "from_revoked_device": one.from_revoked_device,
    }


def _helper(one: Helper) -> dict[str, object]:
    person = helping.reachable(one.user)
    return {**person, "since": one.since, "until": one.until, "owns": one.owns}


def _line(session: Session, entry: AlertEntry) -> dict[str, object]:
    told = entry.detail.get("told")
    who = session.get_one(User, entry.actor_id) if entry.actor_id else None
    return {
        "at": entry.at,
        "kind": entry.kind,
        "who": User.name.readable(who) if who else None,
        "words": AlertEntry.words.readable(entry),
        "told": len(told) if isinstance(told, list) else 0,
    }
