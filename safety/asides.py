"""What a revoked device reports is set aside: kept, shown, and it changes nothing.

Whoever holds a lost phone may be its finder, a thief, or its owner. The answer says
that much and no more: not whether a watch runs, nor whether the PIN was right.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.passwords import Proof
from core.actor import Actor
from core.errors import NotFound
from core.words import ActResult, EventKind, PinVerdict
from models import Organisation, User, Visit, WatchEvent
from safety import acts, answers, informing, reports, watches
from safety.reports import Answer, Report

RESULT = "device_revoked"


def keep(
    session: Session,
    actor: Actor,
    report: Report,
    *,
    pin: Proof | None = None,
    now: datetime,
) -> Answer:
    """Store what was reported and tell who is on call once; it moves and locks nothing.

    Its position says nothing about the collector, and whom it names as buddy nothing
    about the visit: neither is kept. A duress PIN is: nobody gives it but the owner,
    and he calls for help with it. The row's own result is the word for an act that
    found no watch, which older programs beside us can read too.
    """
    assert report.visit_id is not None
    visit = session.get(Visit, report.visit_id)
    if visit is None or visit.organisation_id != actor.organisation_id:
        raise NotFound("visit")
    act = acts.begin(session, actor, report, now=now)
    if report.kind is EventKind.CHECK_IN:
        act, before = act.repeated()
    else:
        before = act.answered()
    if before is not None:
        return before
    kept = replace(act.report, fix=None, buddy_id=None)
    answer = _answer(kept, act.organisation, now)
    reports.store(
        session,
        actor,
        kept,
        happened_at=act.happened_at,
        result=ActResult.NOT_WATCHED,
        digest=act.digest,
        answer=answer,
        watch_id=None,
        verdict=_verdict(session, actor, pin),
        now=now,
    )
    informing.set_aside(
        session, actor.organisation_id, actor.user_id, visit_id=visit.id, now=now
    )
    return answer


def _verdict(session: Session, actor: Actor, pin: Proof | None) -> PinVerdict | None:
    if pin is None:
        return None
    user = session.get_one(User, actor.user_id)
    return pin.verdict(watches.pins_in_force(session, user))


def of_visit(session: Session, actor: Actor, visit_id: UUID) -> list[WatchEvent]:
    """What was set aside about a visit of the actor's organisation, oldest first."""
    query = select(WatchEvent).where(
        WatchEvent.organisation_id == actor.organisation_id,
        WatchEvent.visit_id == visit_id,
        WatchEvent.from_revoked_device,
        WatchEvent.kind != EventKind.SOS,
    )
    return list(session.scalars(query.order_by(WatchEvent.received_at, WatchEvent.id)))


def is_one(event: WatchEvent) -> bool:
    """True for an act that was set aside; an SOS never is."""
    return event.from_revoked_device and event.kind is not EventKind.SOS


def _answer(report: Report, organisation: Organisation, now: datetime) -> Answer:
    told = answers.build(
        report,
        result=ActResult.NOT_WATCHED,
        watch=None,
        shown=None,
        organisation=organisation,
        now=now,
    )
    return {**told, "result": RESULT}
