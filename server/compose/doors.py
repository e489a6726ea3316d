"""What happened at the door of a visit, for those who look at it: no position."""

from uuid import UUID

from sqlalchemy import select

from core.words import EventKind
from models import WatchEvent
from server.endpoint import Call


def at(call: Call, visit_id: UUID) -> list[dict[str, object]]:
    """Every check-in in order of time: beyond the fence, and was a reason given?

    What a revoked device reported is none. ``outside_fence`` is ``None`` where no
    position came with it.
    """
    query = select(WatchEvent).where(
        WatchEvent.organisation_id == call.actor.organisation_id,
        WatchEvent.visit_id == visit_id,
        WatchEvent.kind == EventKind.CHECK_IN,
        ~WatchEvent.from_revoked_device,
    )
    ordered = query.order_by(WatchEvent.occurred_at, WatchEvent.id)
    return [_told(event) for event in call.session.scalars(ordered)]


def set_aside(event: WatchEvent) -> dict[str, object]:
    """What a revoked device reported, for those who look at it."""
    return {
        "user_id": event.user_id,
        "kind": event.kind,
        "at": event.occurred_at,
        "received_at": event.received_at,
        "outcome": event.outcome,
    }


def _told(event: WatchEvent) -> dict[str, object]:
    judged = event.accuracy_m is not None
    return {
        "user_id": event.user_id,
        "checked_in_at": event.occurred_at,
        "received_at": event.received_at,
        "outside_fence": event.outside_fence if judged else None,
        "reason_given": event.words_sealed is not None,
    }
