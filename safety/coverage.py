"""What keeps an organisation's ladders from reaching a person right now."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact import channels
from core.words import Role, UserState
from models import User

NO_CHANNEL = (
    "Nobody would be reached: no enabled channel wakes a person "
    "(console and file do not count)."
)
NO_OFFICER = "There is no active safety officer with a phone."


def gaps(session: Session, organisation_id: UUID, *, demo: bool) -> list[str]:
    """Each gap in words; empty where the ladders can keep their promises."""
    found = []
    if not channels.reaching(session, organisation_id, demo=demo):
        found.append(NO_CHANNEL)
    officer = select(User.id).where(
        User.organisation_id == organisation_id,
        User.role == Role.SAFETY_OFFICER,
        User.state == UserState.ACTIVE,
        User.phone_sealed.is_not(None),
    )
    if session.scalar(officer.limit(1)) is None:
        found.append(NO_OFFICER)
    return found
