"""Badges: issued to collectors, suspended, reinstated, revoked; valid or not, when."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import names
from core import public_words
from core.actor import Actor
from core.errors import Conflict, NotFound, Refused, one_field
from core.instants import Interval
from core.words import BadgeState, Role, UserState
from credentials import badge_moves
from models import Badge, User, Visit, Visitor

LONGEST = {"number": 32, "public_name": 80, "licence": 64}


class Standing(StrEnum):
    """What a badge is worth at an instant; the better ones come first."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


BEST_FIRST = list(Standing)


def standing(badge: Badge, at: datetime) -> Standing:
    """Valid for valid_from <= at < valid_to while nobody has taken it away."""
    match badge.state:
        case BadgeState.REVOKED:
            return Standing.REVOKED
        case BadgeState.SUSPENDED:
            return Standing.SUSPENDED
    if at < badge.valid_from:
        return Standing.NOT_YET_VALID
    return Standing.VALID if at < badge.valid_to else Standing.EXPIRED


def standing_over(badge: Badge, interval: Interval) -> Standing:
    """Valid only where the badge is valid from start to end."""
    at_start = standing(badge, interval.start)
    if at_start is Standing.VALID and badge.valid_to < interval.end:
        return Standing.EXPIRED
    return at_start


def issue(
    session: Session,
    actor: Actor,
    *,
    user_id: UUID,
    number: str,
    public_name: str,
    licence: str,
    valid_from: datetime,
    valid_to: datetime,
    now: datetime,
) -> Badge:
    """A new badge for an active collector of the actor's organisation.

    ``Conflict`` where the organisation has given that number before; ``Invalid`` for a
    public name with a word of debt in it. Blanks around the three texts are cut off.
    """
    _collector(session, actor, user_id)
    if public_words.found_in(public_name) is not None:
        raise one_field("public_name", "must not reveal why someone is visiting")
    if valid_to <= max(valid_from, now):
        raise one_field("valid_to", "must be in the future and after valid_from")
    badge = Badge(
        organisation_id=actor.organisation_id,
        user_id=user_id,
        number=_readable("number", number),
        public_name=_readable("public_name", public_name),
        licence=_readable("licence", licence),
        valid_from=valid_from,
        valid_to=valid_to,
        created_at=now,
    )
    _insert(session, badge)
    badge_moves.record(
        session, actor, badge, badge_moves.ISSUE, reason="issued", now=now
    )
    return badge


def suspend(
    session: Session, actor: Actor, badge_id: UUID, *, reason: str, now: datetime
) -> Badge:
    """Take a badge away for a while; ``Conflict`` unless it is active."""
    badge = get(session, actor, badge_id)
    move = badge_moves.SUSPENSION
    return badge_moves.make(session, actor, badge, move, reason=reason, now=now)


def reinstate(
    session: Session, actor: Actor, badge_id: UUID, *, reason: str, now: datetime
) -> Badge:
    """Give a suspended badge back; ``Conflict`` unless it is suspended."""
    badge = get(session, actor, badge_id)
    move = badge_moves.REINSTATEMENT
    return badge_moves.make(session, actor, badge, move, reason=reason, now=now)


def revoke(
    session: Session, actor: Actor, badge_id: UUID, *, reason: str, now: datetime
) -> Badge:
    """Take a badge away for good; ``Conflict`` where that is done already."""
    badge = get(session, actor, badge_id)
    move = badge_moves.REVOCATION
    return badge_moves.make(session, actor, badge, move, reason=reason, now=now)


def get(session: Session, actor: Actor, badge_id: UUID) -> Badge:
    """A badge of the actor's organisation, or ``NotFound``."""
    badge = session.get(Badge, badge_id)
    if badge is None or badge.organisation_id != actor.organisation_id:
        raise NotFound("badge")
    return badge


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Badge]:
    """Oldest first; ``after`` is the last id of the page before."""
    query = select(Badge).where(Badge.organisation_id == actor.organisation_id)
    if after is not None:
        query = query.where(Badge.id > after)
    return session.scalars(query.order_by(Badge.id).limit(limit)).all()


def require_valid(
    session: Session, *, organisation_id: UUID, user_id: UUID, interval: Interval
) -> Badge:
    """The user's badge that is valid over the whole interval, longest validity first.

    ``Refused`` where there is none; its fact ``standing`` is that of his best badge,
    ``None`` where he never had one.
    """
    query = (
        select(Badge)
        .where(Badge.organisation_id == organisation_id, Badge.user_id == user_id)
        .order_by(Badge.valid_to.desc(), Badge.id)
    )
    found = [
        (standing_over(badge, interval), badge) for badge in session.scalars(query)
    ]
    best = min(found, key=lambda pair: BEST_FIRST.index(pair[0]), default=None)
    if best is None or best[0] is not Standing.VALID:
        raise Refused(
            "The collector has no badge that is valid for the whole window.",
            user_id=str(user_id),
            standing=best[0] if best else None,
        )
    return best[1]


def worn(session: Session, visit: Visit) -> list[tuple[User, Badge]]:
    """Who is to come, each with the badge that the borrower is told of.

    In the order in which they were assigned, which is the order of the check page.
    """
    query = (
        select(User, Badge)
        .join(Visitor, Visitor.user_id == User.id)
        .join(Badge, Badge.id == Visitor.badge_id)
        .where(
            Visitor.organisation_id == visit.organisation_id,
            Visitor.visit_id == visit.id,
            Visitor.active,
        )
        .order_by(Visitor.id)
    )
    return [(user, badge) for user, badge in session.execute(query)]


def _collector(session: Session, actor: Actor, user_id: UUID) -> None:
    user = session.get(User, user_id)
    if user is None or user.organisation_id != actor.organisation_id:
        raise NotFound("user")
    if user.role is not Role.COLLECTOR or user.state is not UserState.ACTIVE:
        raise one_field("user_id", "must be an active collector")


def _readable(field: str, text: str) -> str:
    return names.readable(text, field=field, longest=LONGEST[field])


def _insert(session: Session, badge: Badge) -> None:
    try:
        with session.begin_nested():
            session.add(badge)
    except IntegrityError as error:
        raise Conflict(
            "A badge with this number already exists.", field="number"
        ) from error
