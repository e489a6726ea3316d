"""Dispatchers hear of a message to a borrower that will not reach him."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids
from core.words import Lane, MessageKind
from models import Organisation, Visit


def tell_dispatchers(
    session: Session, what: str, message_id: UUID, visit: Visit, *, now: datetime
) -> None:
    """One note to each dispatcher; ``what`` is a key of the wording's notes."""
    organisation = session.get_one(Organisation, visit.organisation_id)
    body = wording.dispatcher_note(
        what=what,
        reference=ids.short(visit.id),
        language=wording.staff_language(organisation.country),
    )
    outbox.enqueue_for_all(
        session,
        staff.dispatchers(session, visit.organisation_id),
        organisation_id=visit.organisation_id,
        kind=MessageKind.DISPATCHER_NOTE,
        lane=Lane.ALERT,
        once=f"{what}:{message_id}",
        body=body,
        visit_id=visit.id,
        now=now,
    )
