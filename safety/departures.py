"""Departure: the last act that can be refused; the buddy is named and told."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, Refused, one_field
from core.words import STANDING, ActResult, Role, UserState
from models import User, Visit, Visitor
from safety import acts, informing
from safety.answers import Permission
from safety.reports import Answer, Report

_MAY_BE_BUDDY = frozenset({Role.COLLECTOR, Role.DISPATCHER, Role.SAFETY_OFFICER})


def depart(
    session: Session,
    actor: Actor,
    report: Report,
    *,
    judge: Callable[[Visit], Permission],
    now: datetime,
) -> Answer:
    """Set out for a visit. ``Refused`` with every reason where gate or badge say no.

    ``judge`` asks them about the visit as it stands now that it is locked.
    """
    act = acts.begin(session, actor, report, now=now)
    visit = act.lock_visit()
    if (before := act.answered()) is not None:
        return before
    visitor = _visitor(session, actor, visit)
    permission = judge(visit)
    if not permission.allowed:
        raise Refused(
            "You may not set out for this visit now.",
            reasons=list(permission.reasons),
            decision=permission.decision,
        )
    buddy = _buddy(session, actor, visit, report.buddy_id)
    visitor.departed_at, visitor.buddy_id = now, buddy.id
    collector = session.get_one(User, actor.user_id)
    informing.departed(
        session,
        collector,
        buddy,
        visit_id=visit.id,
        event_id=report.event_id,
        now=now,
    )
    _record(session, actor, visit, buddy, now)
    return act.without_position().finish(None, result=ActResult.OK)


def _visitor(session: Session, actor: Actor, visit: Visit) -> Visitor:
    query = select(Visitor).where(
        Visitor.visit_id == visit.id, Visitor.user_id == actor.user_id, Visitor.active
    )
    visitor = session.scalars(query).first()
    if visitor is None or visit.state not in STANDING:
        raise Conflict("This visit is not published, or not assigned to you.")
    return visitor


def _buddy(session: Session, actor: Actor, visit: Visit, buddy_id: UUID | None) -> User:
    """An active colleague on duty with a phone, who does not come along."""
    buddy = session.get(User, buddy_id) if buddy_id else None
    along = set(
        session.scalars(
            select(Visitor.user_id).where(Visitor.visit_id == visit.id, Visitor.active)
        )
    )
    if buddy is None or buddy.organisation_id != actor.organisation_id:
        raise one_field("buddy_id", "there is no such colleague.")
    if buddy.id in along:
        raise one_field("buddy_id", "a partner on the visit cannot be the buddy.")
    if (why := _unable(buddy)) is not None:
        raise one_field("buddy_id", why)
    return buddy


def _unable(user: User) -> str | None:
    """Why nobody can name this colleague now; ``None``: he can be named."""
    if user.state is not UserState.ACTIVE or not User.phone.readable(user):
        return "this colleague cannot be reached."
    if user.role not in _MAY_BE_BUDDY:
        return "this colleague cannot take an alert."
    if user.on_duty_since is None:
        return "this colleague is not on duty."
    return None


def may_be_buddies(session: Session, actor: Actor) -> list[User]:
    """Whom the actor may name now, but for those who come along to a visit."""
    query = select(User).where(
        User.organisation_id == actor.organisation_id,
        User.id != actor.user_id,
        User.on_duty_since.is_not(None),
    )
    found = session.scalars(query.order_by(User.id))
    return [user for user in found if _unable(user) is None]


def _record(
    session: Session, actor: Actor, visit: Visit, buddy: User, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="visit.departed",
        subject="visits",
        subject_id=visit.id,
        now=now,
        buddy_id=buddy.id,
    )
