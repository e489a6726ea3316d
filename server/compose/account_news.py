"""Our own people hear by message what happens to their accounts."""

from datetime import datetime

from sqlalchemy.orm import Session

from contact import outbox, wording
from core import ids
from core.words import Lane, MessageKind
from models import User
from safety import informing


def second_factor_reset(session: Session, user: User, *, now: datetime) -> None:
    """His authenticator is worth nothing now: he did it, or somebody else did."""
    _tell(session, user, "second_factor_reset", now=now)


def _tell(session: Session, user: User, what: str, *, now: datetime) -> None:
    phone = User.phone.readable(user)
    if phone is None:
        return
    language = informing.language(session, user.organisation_id)
    outbox.enqueue(
        session,
        organisation_id=user.organisation_id,
        kind=MessageKind.ACCOUNT,
        lane=Lane.ORDINARY,
        dedup_key=f"{what}:{user.id}:{ids.new()}",
        recipient=phone,
        body=wording.account_news(what=what, language=language),
        user_id=user.id,
        now=now,
    )
