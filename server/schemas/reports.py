"""From a loaded mobile body to the safety room's ``Report``."""

from typing import Any
from uuid import UUID

from core.words import EventKind
from safety.reports import Fix, Report
from server.schemas.base import position

Loaded = dict[str, Any]


def report(kind: EventKind, body: Loaded, visit_id: UUID | None) -> Report:
    """The positions come in their own datum and leave as WGS-84."""
    given = body.get("position")
    known = given is not None and given["accuracy_m"] >= 0
    fix = Fix(position(given), given["accuracy_m"]) if given and known else None
    return Report(
        event_id=body["event_id"],
        kind=kind,
        visit_id=visit_id,
        occurred_at=body["occurred_at"],
        sent_at=body["sent_at"],
        fix=fix,
        words=body.get("words"),
        outcome=body.get("outcome"),
        extend_s=body.get("extend_s"),
        buddy_id=body.get("buddy_id"),
        recording=body.get("recording"),
    )
