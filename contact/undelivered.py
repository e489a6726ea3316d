"""What dispatchers hear when a message to a borrower was given up."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core.words import Lane, Language, MessageKind
from models import Organisation, User, Visit

WORDS = {
    Language.ZH: "走访{reference}：给借款人的通知无法送达。"
    "借款人尚不知道此次安排，请重新安排或联系借款人。",
    Language.EN: "Visit {reference}: the message to the borrower could not be "
    "delivered. The borrower does not know: please replan the visit or call.",
}


def tell_dispatchers(
    session: Session, message_id: UUID, visit: Visit, *, now: datetime
) -> None:
    """One note to each dispatcher on duty, whatever else he was told of this visit."""
    organisation = session.get_one(Organisation, visit.organisation_id)
    words = WORDS[wording.staff_language(organisation.country)]
    for user in staff.dispatchers(session, visit.organisation_id):
        outbox.enqueue(
            session,
            organisation_id=visit.organisation_id,
            kind=MessageKind.DISPATCHER_NOTE,
            lane=Lane.ALERT,
            dedup_key=f"undelivered:{message_id}:{user.id}",
            recipient=User.phone.readable(user),
            body=words.format(reference=visit.id.hex[-6:].upper()),
            user_id=user.id,
            visit_id=visit.id,
            now=now,
        )
