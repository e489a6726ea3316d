"""Visits before the door: proposed, assigned, published, moved and called off."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from gate.answers import Decision
from models import Case, Visit
from planning import crews, visit_moves, visit_states, visit_windows
from planning.visit_states import Act

REASON = re.compile(r"[a-z][a-z_]{2,39}")


def get(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """One visit with its visitors, as the database has it; ``NotFound`` otherwise."""
    return _one(session, actor.organisation_id, visit_id, lock=False)


def locked(session: Session, organisation_id: UUID, visit_id: UUID) -> Visit:
    """The visit with its visitors, its row locked until the transaction ends.

    The lock lets rows that only refer to the visit pass: an SOS never waits for it.
    """
    return _one(session, organisation_id, visit_id, lock=True)


def _one(
    session: Session, organisation_id: UUID, visit_id: UUID, *, lock: bool
) -> Visit:
    query = (
        select(Visit)
        .where(Visit.id == visit_id, Visit.organisation_id == organisation_id)
        .options(selectinload(Visit.visitors))
        .execution_options(populate_existing=True)
    )
    visit = session.scalar(query.with_for_update(key_share=True) if lock else query)
    if visit is None:
        raise NotFound("visit")
    return visit


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Visit]:
    """At most ``limit`` visits after that id, oldest first, visitors loaded."""
    query = (
        select(Visit)
        .where(Visit.organisation_id == actor.organisation_id)
        .options(selectinload(Visit.visitors))
    )
    if after is not None:
        query = query.where(Visit.id > after)
    return session.scalars(query.order_by(Visit.id).limit(limit)).all()


def not_begun(session: Session, organisation_id: UUID, case_id: UUID) -> Sequence[UUID]:
    """Ids of the case's visits that can still be called off, oldest first."""
    query = select(Visit.id).where(
        Visit.organisation_id == organisation_id,
        Visit.case_id == case_id,
        Visit.state.in_(visit_states.TABLE[Act.CANCEL]),
    )
    return session.scalars(query.order_by(Visit.id)).all()


def propose(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    place_id: UUID,
    planned_start: datetime,
    planned_end: datetime | None,
    people: int,
    now: datetime,
) -> tuple[Visit, Decision]:
    """A visit by that many collectors, not yet named; ``Refused`` by the gate.

    Without an end the organisation's visit length holds. ``Invalid`` for a window that
    has begun, or shorter than 5 s or longer than 4 h.
    """
    window = visit_windows.planned(session, actor, planned_start, planned_end, now=now)
    visit = Visit(
        organisation_id=actor.organisation_id,
        case_id=case_id,
        place_id=place_id,
        planned_start=window.start,
        planned_end=window.end,
        state=visit_states.PROPOSED,
        obligations=[],
        created_by=actor.user_id,
        created_at=now,
        visitors=[],
    )
    _hold_case(session, actor, case_id)
    decision = visit_windows.ask_gate(session, visit, window, people=people, now=now)
    session.add(visit)
    session.flush()
    visit_moves.record(
        session, visit, None, Act.PROPOSE, actor_id=actor.user_id, now=now
    )
    return visit, decision


def _hold_case(session: Session, actor: Actor, case_id: UUID) -> None:
    """Whoever closes the case waits for the new visit, or this one for the closing."""
    query = select(Case.id).where(
        Case.id == case_id, Case.organisation_id == actor.organisation_id
    )
    session.scalar(query.with_for_update(read=True))


def assign(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    *,
    visitors: Sequence[tuple[UUID, UUID]],
    now: datetime,
) -> tuple[Visit, Decision]:
    """Name the collectors, each with the badge that he will wear, instead of others.

    ``visitors`` are (user id, badge id); that the badges are valid is the caller's
    care. A published visit must be published anew. ``Refused`` by the gate,
    ``Conflict`` for a collector who is elsewhere then.
    """
    visit = locked(session, actor.organisation_id, visit_id)
    visit_moves.require(visit, Act.ASSIGN)
    crews.check(session, actor.organisation_id, visitors)
    window = visit_windows.ahead(visit, now=now)
    decision = visit_windows.ask_gate(
        session,
        visit,
        window,
        people=len(visitors),
        crew=[user_id for user_id, _ in visitors],
        now=now,
    )
    crews.place(session, visit, dict(visitors), window)
    visit_moves.move(session, visit, Act.ASSIGN, actor_id=actor.user_id, now=now)
    return get(session, actor, visit_id), decision


def publish(
    session: Session, actor: Actor, visit_id: UUID, *, now: datetime
) -> tuple[Visit, Decision]:
    """Make it known; the gate is asked again and its obligations are kept.

    ``Conflict`` without visitors or after the window; ``Refused`` by the gate.
    """
    visit = locked(session, actor.organisation_id, visit_id)
    visit_moves.require(visit, Act.PUBLISH)
    crew = crews.active(visit)
    if not crew:
        raise Conflict("Nobody is assigned to this visit.")
    window = visit_windows.ahead(visit, now=now)
    decision = visit_windows.ask_gate(
        session,
        visit,
        window,
        people=len(crew),
        crew=[visitor.user_id for visitor in crew],
        now=now,
    )
    visit_moves.move(session, visit, Act.PUBLISH, actor_id=actor.user_id, now=now)
    return get(session, actor, visit_id), decision


def reschedule(
    session: Session,
    actor: Actor,
    visit_id: UUID,
    *,
    planned_start: datetime,
    planned_end: datetime | None,
    now: datetime,
) -> tuple[Visit, Decision]:
    """Another window for the same people; a published visit must be published anew.

    Errors as for ``propose`` and ``assign``.
    """
    window = visit_windows.planned(session, actor, planned_start, planned_end, now=now)
    visit = locked(session, actor.organisation_id, visit_id)
    visit_moves.require(visit, Act.RESCHEDULE)
    crew = {visitor.user_id: visitor.badge_id for visitor in crews.active(visit)}
    people = len(crew) or None  # nobody is chosen yet: judged when somebody is
    decision = visit_windows.ask_gate(
        session, visit, window, people=people, crew=list(crew) or None, now=now
    )
    crews.lock(session, actor.organisation_id, list(crew))
    crews.place(session, visit, crew, window)
    visit_moves.move(
        session, visit, Act.RESCHEDULE, actor_id=actor.user_id, now=now, window=window
    )
    return get(session, actor, visit_id), decision


def cancel(
    session: Session, actor: Actor, visit_id: UUID, *, reason: str, now: datetime
) -> Visit:
    """Call the visit off; ``Conflict`` once it is under way.

    ``reason`` is one short word like ``borrower_asked``: the record keeps it in plain.
    """
    if not REASON.fullmatch(reason):
        raise one_field("reason", "must be 3 to 40 lower-case letters and underscores")
    visit = locked(session, actor.organisation_id, visit_id)
    visit_moves.move(
        session, visit, Act.CANCEL, actor_id=actor.user_id, now=now, reason=reason
    )
    crews.dismiss(session, visit)
    return visit


def mark_under_way(
    session: Session, visit: Visit, *, actor_id: UUID | None, now: datetime
) -> bool:
    """A visitor may make contact; False, and nothing done, unless it was published.

    It never raises for a state: nothing may keep a watch from arming.
    """
    return _mark(session, visit, Act.BEGIN, actor_id=actor_id, now=now)


def mark_done(
    session: Session, visit: Visit, *, actor_id: UUID | None, now: datetime
) -> bool:
    """The last watch is closed; False, and nothing done, unless it was under way.

    Its collectors are free for other visits at once.
    """
    if not _mark(session, visit, Act.FINISH, actor_id=actor_id, now=now):
        return False
    crews.free(session, visit, now=now)
    return True


def _mark(
    session: Session, visit: Visit, act: Act, *, actor_id: UUID | None, now: datetime
) -> bool:
    if visit_states.after(act, visit.state) is None:
        return False
    try:
        visit_moves.move(session, visit, act, actor_id=actor_id, now=now)
    except Conflict:  # somebody else marked it first
        return False
    return True
