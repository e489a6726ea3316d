"""Dispatchers hear of a message to a borrower that will not reach him."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core.words import Lane, MessageKind
from models import Organisation, User, Visit


def tell_dispatchers(
    session: Session, what: str, message_id: UUID, visit: Visit, *, now: datetime
) -> None:
    """One note to each dispatcher; ``what`` is a key of the wording's notes."""
    organisation = session.get_one(Organisation, visit.organisation_id)
    body = wording.dispatcher_note(
        what=what,
        reference=visit.id.hex[-6:].upper(),
        language=wording.staff_language(organisation.country),
    )
    for user in staff.dispatchers(session, visit.organisation_id):
        outbox.enqueue(
            session,
            organisation_id=visit.organisation_id,
            kind=MessageKind.DISPATCHER_NOTE,
            lane=Lane.ALERT,
            dedup_key=f"{what}:{message_id}:{user.id}",
            recipient=User.phone.readable(user),
            body=body,
            user_id=user.id,
            visit_id=visit.id,
            now=now,
        )
