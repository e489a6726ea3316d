"""Call off the visits of a case that have not begun: codes end, who waits is told."""

from datetime import datetime
from uuid import UUID

from planning import visit_states, visits
from planning.visit_states import Act
from server.compose import announcing
from server.endpoint import Call


def empty(
    call: Call,
    case_id: UUID,
    *,
    reason: str,
    during: tuple[datetime, datetime | None] | None = None,
) -> None:
    """All of them, or those whose window touches ``during``.

    A visit under way and its watches are left alone: they end at the door.
    """
    organisation_id = call.actor.organisation_id
    for visit_id in visits.not_begun(call.session, organisation_id, case_id):
        visit = visits.locked(call.session, organisation_id, visit_id)
        if visit_states.after(Act.CANCEL, visit.state) is None:
            continue  # it began while we waited for its row
        if during is not None and not _touches(
            (visit.planned_start, visit.planned_end), during
        ):
            continue
        visits.cancel(call.session, call.actor, visit_id, reason=reason, now=call.now)
        announcing.take_back(call, visit_id, reason="cancelled")


def _touches(
    window: tuple[datetime, datetime], during: tuple[datetime, datetime | None]
) -> bool:
    start, end = during
    return window[1] > start and (end is None or window[0] < end)
