"""From a loaded mobile body to the safety room's ``Report``."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.instants import EARLIEST, LATEST
from core.words import EventKind
from safety import timers
from safety.reports import Fix, Report
from server.schemas.base import plausible, position

Loaded = dict[str, Any]
Readings = tuple[datetime, datetime | None]


def report(kind: EventKind, body: Loaded, visit_id: UUID | None) -> Report:
    """The positions come in their own datum and leave as WGS-84."""
    given = body.get("position")
    known = given is not None and given["accuracy_m"] >= 0
    fix = Fix(position(given), given["accuracy_m"]) if given and known else None
    occurred, sent = readings(kind, body["occurred_at"], body["sent_at"])
    return Report(
        event_id=body["event_id"],
        kind=kind,
        visit_id=visit_id,
        occurred_at=occurred,
        sent_at=sent,
        fix=fix,
        words=body.get("words"),
        outcome=body.get("outcome"),
        extend_s=body.get("extend_s"),
        buddy_id=body.get("buddy_id"),
        recording=body.get("recording"),
    )


def readings(
    kind: EventKind, occurred: datetime | None, sent: datetime | None
) -> Readings:
    """The phone's two readings; what an unset clock showed stands for "unknown".

    An unknown instant counts as just received, less what lies between two readings of
    the same unset clock. It is kept as a fixed instant, so that a repeated event stays
    the same: after everything for a check-in and before everything else, so that no
    check-out answers for a check-in by the order of clocks that were never set.
    """
    known = sent is not None and plausible(sent)
    if occurred is not None and plausible(occurred):
        return occurred, sent if known else None
    age = timedelta(0)
    if occurred is not None and sent is not None and not known:
        age = min(max(sent - occurred, age), timers.OLDEST)
    anchor = LATEST if kind is EventKind.CHECK_IN else EARLIEST
    return anchor, anchor + age
