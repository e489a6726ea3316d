"""Whom of our own people to tell: those on duty first, somebody in any case.

Only people whose phone can be read are named: a message to nobody reaches nobody.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import Role, UserState
from models import User


def on_call(session: Session, organisation_id: UUID) -> list[User]:
    """The safety officers on duty, else all of them, else the admins."""
    everyone = officers(session, organisation_id)
    return [user for user in everyone if user.on_duty_since] or everyone


def officers(session: Session, organisation_id: UUID) -> list[User]:
    """All safety officers, else the admins."""
    return _reachable(session, organisation_id, Role.SAFETY_OFFICER) or _reachable(
        session, organisation_id, Role.ADMIN
    )


def of_role(session: Session, organisation_id: UUID, role: Role) -> list[User]:
    """Everybody of a role; of the safety officers as ``officers`` has it."""
    if role is Role.SAFETY_OFFICER:
        return officers(session, organisation_id)
    return _reachable(session, organisation_id, role)


def admins(session: Session, organisation_id: UUID) -> list[User]:
    """All admins."""
    return _reachable(session, organisation_id, Role.ADMIN)


def dispatchers(session: Session, organisation_id: UUID) -> list[User]:
    """The dispatchers on duty, else all of them, else who is on call."""
    everyone = _reachable(session, organisation_id, Role.DISPATCHER)
    on_duty = [user for user in everyone if user.on_duty_since]
    return on_duty or everyone or on_call(session, organisation_id)


def _reachable(session: Session, organisation_id: UUID, role: Role) -> list[User]:
    query = select(User).where(
        User.organisation_id == organisation_id,
        User.role == role,
        User.state == UserState.ACTIVE,
        User.phone_sealed.is_not(None),
    )
    found = session.scalars(query.order_by(User.id))
    return [user for user in found if User.phone.readable(user)]
