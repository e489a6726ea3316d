"""Gate and badge asked together: what they say about the contact, never the watch."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select

from core.errors import NotFound
from core.instants import Interval
from core.words import Channel, UserState
from credentials import badges
from gate import decisions
from gate.law import Kind
from models import Badge, User, Visit, Visitor
from safety import timers
from safety.answers import Permission
from safety.reports import Report
from server.endpoint import Call

log = structlog.get_logger("vouchsafe.permissions")
NO_ANSWER: dict[str, object] = {
    "rule_id": "GATE-NO-ANSWER",
    "source": "Vouchsafe",
    "status": "organisation",
    "words_en": "The gate gave no answer, so there is no permission.",
    "words_zh": "系统未能作出判定，因此不予许可。",
}
NO_BADGE: dict[str, object] = {
    "rule_id": "BADGE",
    "source": "Vouchsafe",
    "status": "organisation",
    "words_en": "Your badge is not valid for this visit.",
    "words_zh": "您的工作证在此次走访期间无效。",
}


SUSPENDED: dict[str, object] = {
    "rule_id": "SUSPENDED",
    "source": "Vouchsafe",
    "status": "organisation",
    "words_en": "You are suspended: leave, and check out.",
    "words_zh": "您已被停职：请离开并签退。",
}


def at_departure(call: Call, visit_id: UUID) -> Permission:
    """For the planned window, or from now on where that has begun."""
    visit = _visit(call, visit_id)
    return _ask(call, visit, max(call.now, visit.planned_start))


def at_the_door(call: Call, report: Report) -> Permission:
    """For the visit's length from the instant at which the collector arrived."""
    assert report.visit_id is not None
    arrived = timers.happened_at(
        received=call.now, occurred=report.occurred_at, sent=report.sent_at
    )
    visit = _visit(call, report.visit_id)
    try:
        with call.session.begin_nested():
            return _ask(call, visit, arrived)
    except Exception as error:
        # whatever is wrong with the gate may cost the contact, never the watch
        log.error("the gate failed at a check-in", exc_info=error)
        return Permission(allowed=False, reasons=[NO_ANSWER])


def _visit(call: Call, visit_id: UUID) -> Visit:
    visit = call.session.get(Visit, visit_id)
    if visit is None or visit.organisation_id != call.actor.organisation_id:
        raise NotFound("visit")
    return visit


def _ask(call: Call, visit: Visit, start: datetime) -> Permission:
    interval = Interval(start, start + (visit.planned_end - visit.planned_start))
    decision = decisions.decide(
        call.session,
        organisation_id=visit.organisation_id,
        case_id=visit.case_id,
        place_id=visit.place_id,
        channel=Channel.VISIT,
        interval=_shortened(call, visit, interval),
        people=_people(call, visit),
        now=call.now,
    )
    reasons = [reason.as_json() for reason in decision.refusals]
    reasons += _own_refusals(call, visit, interval)
    return Permission(
        allowed=not reasons,
        reasons=reasons,
        window_end=decision.window_end,
        decision=decision.as_json(),
        recording_obliged=any(
            duty.kind is Kind.RECORDING for duty in decision.obligations
        ),
    )


def _shortened(call: Call, visit: Visit, interval: Interval) -> Interval:
    """A visit that begins late ends with the lawful window: the due is cut to it."""
    found = decisions.windows(
        call.session,
        organisation_id=visit.organisation_id,
        case_id=visit.case_id,
        place_id=visit.place_id,
        span=interval,
        now=call.now,
    )
    for window in found.windows:
        if window.contains(interval.start):
            return Interval(interval.start, min(interval.end, window.end))
    return interval


def _people(call: Call, visit: Visit) -> int:
    query = select(Visitor.id).where(Visitor.visit_id == visit.id, Visitor.active)
    return len(call.session.scalars(query).all())


def _own_refusals(
    call: Call, visit: Visit, interval: Interval
) -> list[dict[str, object]]:
    """What the house has against this collector: suspended, or his badge not valid."""
    found = []
    user = call.session.get_one(User, call.actor.user_id)
    if user.state is not UserState.ACTIVE:
        found.append(SUSPENDED)
    query = select(Visitor).where(
        Visitor.visit_id == visit.id, Visitor.user_id == user.id, Visitor.active
    )
    visitor = call.session.scalars(query).first()
    if visitor is not None and not wears_valid(call, visitor, interval):
        found.append(NO_BADGE)
    return found


def wears_valid(call: Call, visitor: Visitor, interval: Interval) -> bool:
    """The badge that the borrower is told of holds over the whole interval."""
    badge = call.session.get_one(Badge, visitor.badge_id)
    return badges.standing_over(badge, interval) is badges.Standing.VALID
