"""Gate and badge asked together: what they say about the contact, never the watch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from core import instants
from core.errors import Refused
from core.instants import Interval
from core.words import Channel, UserState
from credentials import badges, judgement
from gate import decisions
from gate.answers import Reason, of_the_house
from gate.law import Kind
from models import Badge, Place, User, Visit
from safety import coverage, timers
from safety.answers import Permission
from safety.reports import Report
from server.endpoint import Call

log = structlog.get_logger("vouchsafe.permissions")
NO_ANSWER = of_the_house(
    "GATE-NO-ANSWER",
    "The gate could not decide, so this contact is not allowed.",
    "系统未能作出判定，因此不允许进行此次走访。",
)
NO_BADGE = of_the_house(
    "BADGE",
    "Your badge is not valid for this visit.",
    "您的工作证在此次走访期间无效。",
)
OUT_OF_WINDOW = of_the_house(
    "VISIT-WINDOW",
    "This is not the time at which the borrower was told to expect this visit.",
    "现在不是告知借款人的走访时间。",
)
SUSPENDED = of_the_house(
    "SUSPENDED",
    "Your account is suspended: leave, and check out.",
    "您的账号已停用：请离开并签退。",
)


def at_departure(call: Call, visit: Visit) -> Permission:
    """For the planned window, or from now on where that has begun.

    One may set out hours early, but not on an earlier day of the place.
    """
    expected = judgement.around(_window(visit))
    day = Interval(min(_day_of(call, visit), expected.start), expected.end)
    start = max(call.now, visit.planned_start)
    permission = _ask(call, visit, start, in_time=day.contains(call.now))
    return _unless_helpless(call, permission)


def _unless_helpless(call: Call, permission: Permission) -> Permission:
    """Nobody sets out whom nobody would come to help."""
    organisation_id, demo = call.actor.organisation_id, call.runtime.demo
    gap = coverage.helpless(call.session, organisation_id, demo=demo)
    if gap is None:
        return permission
    words = coverage.WORDS_EN[gap], coverage.WORDS_ZH[gap]
    reason = of_the_house("NO-HELP", *words).as_json()
    reasons = [*permission.reasons, reason]
    return replace(permission, allowed=False, reasons=reasons)


def at_the_door(call: Call, report: Report, visit: Visit) -> Permission:
    """For the visit's length from the instant at which the collector arrived."""
    arrived = timers.happened_at(
        received=call.now,
        occurred=report.occurred_at,
        sent=report.sent_at,
        earliest=True,
    )
    try:
        # nothing but looking: a savepoint of the connection's own is enough
        with call.session.connection().begin_nested():
            expected = judgement.around(_window(visit))
            return _ask(call, visit, arrived, in_time=expected.contains(arrived))
    except Exception as error:
        # whatever is wrong with the gate may cost the contact, never the watch
        log.error("the gate failed at a check-in", exc_info=error)
        return Permission(allowed=False, reasons=[NO_ANSWER.as_json()])


def _window(visit: Visit) -> Interval:
    return Interval(visit.planned_start, visit.planned_end)


def _day_of(call: Call, visit: Visit) -> datetime:
    """When the local day of the visit begins; without a zone the gate refuses."""
    name = call.session.get_one(Place, visit.place_id).time_zone
    try:
        return instants.midnight(visit.planned_start, instants.zone(name or "UTC"))
    except ValueError:
        return visit.planned_start


def _ask(call: Call, visit: Visit, start: datetime, *, in_time: bool) -> Permission:
    """A visit that begins late ends with the lawful window: the due is cut to it."""
    interval = Interval(start, start + (visit.planned_end - visit.planned_start))
    crew = badges.worn(call.session, visit)
    decision = decisions.decide(
        call.session,
        organisation_id=visit.organisation_id,
        case_id=visit.case_id,
        place_id=visit.place_id,
        channel=Channel.VISIT,
        interval=interval,
        people=_able(crew, interval),
        crew=[user.id for user, _ in crew],
        visit_id=visit.id,
        cut=True,
        now=call.now,
    )
    refusals = [*decision.refusals, *_own_refusals(call, crew, interval)]
    if not in_time:
        refusals.append(OUT_OF_WINDOW)
    return Permission(
        allowed=not refusals,
        reasons=[reason.as_json() for reason in refusals],
        window_end=decision.window_end,
        at_most=decision.at_most,
        decision=decision.as_json(),
        recording_obliged=any(
            duty.kind is Kind.RECORDING for duty in decision.obligations
        ),
    )


def _able(crew: Sequence[tuple[User, Badge]], interval: Interval) -> int:
    """How many of those who are to come may come."""
    return sum(
        user.state is UserState.ACTIVE and _holds(badge, interval)
        for user, badge in crew
    )


def _own_refusals(
    call: Call, crew: Sequence[tuple[User, Badge]], interval: Interval
) -> list[Reason]:
    """What the house has against this collector: suspended, or his badge not valid."""
    found = []
    user = call.session.get_one(User, call.actor.user_id)
    if user.state is not UserState.ACTIVE:
        found.append(SUSPENDED)
    badge = next((badge for one, badge in crew if one.id == user.id), None)
    if badge is not None and not _holds(badge, interval):
        found.append(NO_BADGE)
    return found


def badged(
    call: Call, visit: Visit, user_ids: Sequence[UUID]
) -> list[tuple[UUID, UUID]]:
    """Collectors (user id, badge id), each with a badge that holds over the window.

    ``Refused`` for the first one who has none.
    """
    window = _window(visit)
    return [(user_id, _valid(call, user_id, window).id) for user_id in user_ids]


def _valid(call: Call, user_id: UUID, window: Interval) -> Badge:
    return badges.require_valid(
        call.session,
        organisation_id=call.actor.organisation_id,
        user_id=user_id,
        interval=window,
    )


def require_worn(call: Call, visit: Visit) -> None:
    """``Refused`` for the first of those the borrower is told of who may not come.

    That is one who is suspended, or whose badge is not valid for the window.
    """
    window = _window(visit)
    for user, badge in badges.worn(call.session, visit):
        if user.state is not UserState.ACTIVE:
            raise Refused(
                "A visitor's account is suspended: assign anew.", user_id=str(user.id)
            )
        if not _holds(badge, window):
            raise Refused(
                "A visitor's badge is not valid for this window: assign anew.",
                user_id=str(user.id),
            )


def _holds(badge: Badge, interval: Interval) -> bool:
    return badges.standing_over(badge, interval) is badges.Standing.VALID
