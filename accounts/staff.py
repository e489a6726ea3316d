"""Whom of our own people to tell: those on duty first, somebody in any case."""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.words import Role, UserState
from models import User


def on_call(session: Session, organisation_id: UUID) -> list[User]:
    """The safety officers on duty, else all of them, else the admins; with a phone."""
    marked = _reachable(organisation_id, Role.SAFETY_OFFICER).where(
        User.on_duty_since.is_not(None)
    )
    return list(session.scalars(marked)) or officers(session, organisation_id)


def officers(session: Session, organisation_id: UUID) -> list[User]:
    """All safety officers with a phone, else the admins."""
    everyone = session.scalars(_reachable(organisation_id, Role.SAFETY_OFFICER))
    admins = _reachable(organisation_id, Role.ADMIN)
    return list(everyone) or list(session.scalars(admins))


def dispatchers(session: Session, organisation_id: UUID) -> list[User]:
    """The dispatchers on duty, else all of them; with or without a phone."""
    everyone = list(session.scalars(_active(organisation_id, Role.DISPATCHER)))
    return [user for user in everyone if user.on_duty_since] or everyone


def _active(organisation_id: UUID, role: Role) -> Select[User]:
    return (
        select(User)
        .where(
            User.organisation_id == organisation_id,
            User.role == role,
            User.state == UserState.ACTIVE,
        )
        .order_by(User.id)
    )


def _reachable(organisation_id: UUID, role: Role) -> Select[User]:
    return _active(organisation_id, role).where(User.phone_sealed.is_not(None))
