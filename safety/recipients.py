"""Whom a step reaches: persons are found when the step runs, not before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import Recipient, Role, UserState
from models import Alert, User
from safety import colleagues


def of(
    session: Session, alert: Alert, who: Sequence[Recipient], *, now: datetime
) -> list[User]:
    """The persons behind ``who``, each once, in that order."""
    found: dict[UUID, User] = {}
    for recipient in who:
        for user in _resolve(session, alert, recipient, found, now):
            found.setdefault(user.id, user)
    return list(found.values())


def _resolve(
    session: Session,
    alert: Alert,
    recipient: Recipient,
    found: dict[UUID, User],
    now: datetime,
) -> list[User]:
    match recipient:
        case Recipient.COLLECTOR:
            return [session.get_one(User, alert.user_id)]
        case Recipient.BUDDY:
            return _buddy(session, alert)
        case Recipient.NEAREST_TWO:
            return colleagues.nearest_able(session, alert, leave_out=found, now=now)
        case Recipient.ON_CALL:
            return officers(session, alert.organisation_id, on_duty=True)
        case Recipient.ALL_SAFETY_OFFICERS:
            return officers(session, alert.organisation_id, on_duty=False)


def _buddy(session: Session, alert: Alert) -> list[User]:
    if alert.buddy_id is None:
        return []
    buddy = session.get_one(User, alert.buddy_id)
    return [buddy] if colleagues.may_help(session, alert, buddy) else []


def officers(session: Session, organisation_id: UUID, *, on_duty: bool) -> list[User]:
    """Safety officers on duty, else all of them, else the admins; those with a phone.

    ``on_duty=False`` asks for all of them at once.
    """
    active = select(User).where(
        User.organisation_id == organisation_id,
        User.state == UserState.ACTIVE,
        User.phone_sealed.is_not(None),
    )
    everyone = active.where(User.role == Role.SAFETY_OFFICER).order_by(User.id)
    if on_duty:
        marked = everyone.where(User.on_duty_since.is_not(None))
        if found := list(session.scalars(marked)):
            return found
    admins = active.where(User.role == Role.ADMIN).order_by(User.id)
    return list(session.scalars(everyone)) or list(session.scalars(admins))


def dispatchers(session: Session, organisation_id: UUID) -> list[User]:
    """Active dispatchers on duty, else all of them."""
    query = select(User).where(
        User.organisation_id == organisation_id,
        User.role == Role.DISPATCHER,
        User.state == UserState.ACTIVE,
    )
    everyone = list(session.scalars(query.order_by(User.id)))
    return [user for user in everyone if user.on_duty_since] or everyone
