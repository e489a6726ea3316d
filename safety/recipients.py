"""Whom a step reaches: persons are found when the step runs, not before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from core.words import Recipient
from models import Alert, User
from safety import colleagues, on_call


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
            return on_call.now_of(session, alert.organisation_id, now=now)
        case Recipient.ALL_SAFETY_OFFICERS:
            return staff.officers(session, alert.organisation_id)


def _buddy(session: Session, alert: Alert) -> list[User]:
    if alert.buddy_id is None:
        return []
    buddy = session.get_one(User, alert.buddy_id)
    able = colleagues.may_help(session, alert, buddy)
    return [buddy] if able and colleagues.is_free(session, buddy) else []
