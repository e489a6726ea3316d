"""Whom a step reaches: persons are found when the step runs, not before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from core.words import Role
from models import Alert, User
from safety import colleagues, on_call, whom
from safety.whom import Recipient


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
        case whom.Collector():
            return [session.get_one(User, alert.user_id)]
        case whom.Buddy():
            return _buddy(session, alert)
        case whom.Nearest(count, within_m):
            return colleagues.nearest_able(
                session,
                alert,
                leave_out=found,
                count=count,
                within_m=within_m,
                now=now,
            )
        case whom.OnRota(rota_id):
            return on_call.of(session, alert.organisation_id, rota_id, now=now)
        case whom.InRole(role):
            return staff.of_role(session, alert.organisation_id, role)
        case whom.Person(user_id):
            return _person(session, alert, session.get(User, user_id))


def _buddy(session: Session, alert: Alert) -> list[User]:
    if alert.buddy_id is None:
        return []
    return _person(session, alert, session.get_one(User, alert.buddy_id))


def _person(session: Session, alert: Alert, user: User | None) -> list[User]:
    """He, unless he is in danger himself; a collector only on duty and at no door."""
    if user is None or user.organisation_id != alert.organisation_id:
        return []
    if not colleagues.may_help(session, alert, user):
        return []
    at_work = user.role is not Role.COLLECTOR or colleagues.is_free(session, user)
    return [user] if at_work else []
