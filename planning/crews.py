"""Who goes on a visit: active collectors, each in one place at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound, one_field
from core.instants import Interval
from core.words import Role, UserState
from models import Badge, User, Visit, Visitor

MOMENT = timedelta(seconds=1)
NO_OVERLAP = "ex_visitors_no_overlap"  # the database's own guard, by its name


def active(visit: Visit) -> list[Visitor]:
    """The visitors who are to come; the visit's visitors are loaded."""
    return [visitor for visitor in visit.visitors if visitor.active]


def check(
    session: Session, organisation_id: UUID, visitors: Sequence[tuple[UUID, UUID]]
) -> None:
    """Refuse anyone but distinct active collectors of ours with badges of their own.

    The users' rows stay locked, in the order of their ids, until the transaction ends:
    two plans for the same people wait for each other instead of blocking each other.
    """
    user_ids = [user_id for user_id, _ in visitors]
    if not user_ids or len(set(user_ids)) != len(user_ids):
        raise one_field("user_ids", "must name at least one collector, each once")
    users = lock(session, organisation_id, user_ids)
    wearers = _wearers(session, organisation_id, [badge_id for _, badge_id in visitors])
    for user_id, badge_id in visitors:
        _check_one(users.get(user_id), user_id)
        if wearers.get(badge_id) != user_id:
            raise NotFound("badge")


def _wearers(
    session: Session, organisation_id: UUID, badge_ids: Sequence[UUID]
) -> Mapping[UUID, UUID]:
    """Whose each of the organisation's badges is."""
    query = select(Badge).where(
        Badge.organisation_id == organisation_id, Badge.id.in_(badge_ids)
    )
    return {badge.id: badge.user_id for badge in session.scalars(query)}


def _check_one(user: User | None, user_id: UUID) -> None:
    if user is None:
        raise NotFound("user")
    if user.role is not Role.COLLECTOR or user.state is not UserState.ACTIVE:
        raise Conflict("This user is not an active collector.", user_id=str(user_id))


def lock(
    session: Session, organisation_id: UUID, user_ids: Sequence[UUID]
) -> Mapping[UUID, User]:
    """The organisation's users of these ids, locked against other plans."""
    query = (
        select(User)
        .where(User.organisation_id == organisation_id, User.id.in_(user_ids))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {user.id: user for user in session.scalars(query)}


def place(
    session: Session, visit: Visit, visitors: Mapping[UUID, UUID], span: Interval
) -> None:
    """Make these (badge by user) the visit's crew for the span, instead of the earlier.

    Whoever set out already stays on record as inactive, others are removed. What was
    said about a departure held for the earlier plan. ``Conflict`` names the collector
    who is elsewhere, and the other visit.
    """
    _refuse_overlap(session, visit, visitors, span)
    try:
        with session.begin_nested():
            _replace(session, visit, visitors, span)
    except IntegrityError as error:
        if NO_OVERLAP not in str(error.orig):
            raise
        _refuse_overlap(session, visit, visitors, span)
        raise Conflict("A collector has another visit at that time.") from None


def _refuse_overlap(
    session: Session, visit: Visit, visitors: Mapping[UUID, UUID], span: Interval
) -> None:
    query = select(Visitor.user_id, Visitor.visit_id).where(
        Visitor.organisation_id == visit.organisation_id,
        Visitor.user_id.in_(visitors),
        Visitor.visit_id != visit.id,
        Visitor.active,
        Visitor.planned_start < span.end,
        Visitor.planned_end > span.start,
    )
    clash = session.execute(query.order_by(Visitor.id).limit(1)).first()
    if clash is not None:
        user_id, visit_id = clash
        raise Conflict(
            "A collector has another visit at that time.",
            user_id=str(user_id),
            visit_id=str(visit_id),
        )


def _replace(
    session: Session, visit: Visit, visitors: Mapping[UUID, UUID], span: Interval
) -> None:
    present = {visitor.user_id: visitor for visitor in visit.visitors}
    for user_id, visitor in present.items():
        if user_id not in visitors:
            _release(session, visitor)
    for user_id, badge_id in sorted(visitors.items()):
        kept = present.get(user_id)
        if kept is None:
            session.add(_new(visit, user_id, badge_id, span))
        else:
            _keep(kept, badge_id, span)
    session.flush()


def _release(session: Session, visitor: Visitor) -> None:
    if visitor.departed_at is None:
        session.delete(visitor)
    else:
        visitor.active = False


def _keep(visitor: Visitor, badge_id: UUID, span: Interval) -> None:
    moved = (visitor.planned_start, visitor.planned_end) != (span.start, span.end)
    if moved or not visitor.active:
        visitor.departed_at, visitor.buddy_id = None, None
    visitor.badge_id, visitor.active = badge_id, True
    visitor.planned_start, visitor.planned_end = span.start, span.end


def _new(visit: Visit, user_id: UUID, badge_id: UUID, span: Interval) -> Visitor:
    return Visitor(
        organisation_id=visit.organisation_id,
        visit_id=visit.id,
        user_id=user_id,
        badge_id=badge_id,
        planned_start=span.start,
        planned_end=span.end,
    )


def free(session: Session, visit: Visit, *, now: datetime) -> None:
    """The visit is over: its crew is free from now on, whatever was planned."""
    crew = select(Visitor).where(Visitor.visit_id == visit.id, Visitor.active)
    for visitor in session.scalars(crew):
        end = max(now, visitor.planned_start + MOMENT)
        visitor.planned_end = min(visitor.planned_end, end)
    session.flush()


def dismiss(session: Session, visit: Visit) -> None:
    """Nobody comes: the crew is free for other visits."""
    for visitor in active(visit):
        visitor.active = False
    session.flush()
