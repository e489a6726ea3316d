"""Publishing issues a code and tells the borrower; calling off takes both back."""

from uuid import UUID

from sqlalchemy import select

from accounts import organisations
from contact import notices, outbox
from core.words import MessageKind
from credentials import visit_codes
from models import Badge, Message, Visit
from planning import cases, visits
from server.endpoint import Call


def announce(call: Call, visit_id: UUID) -> str:
    """A fresh code and the notice that carries it; what became of the notice."""
    visit = visits.get(call.session, call.actor, visit_id)
    issued = visit_codes.issue(call.session, visit, now=call.now)
    case = cases.get(call.session, call.actor, visit.case_id)
    place = next(place for place in case.places if place.id == visit.place_id)
    return notices.announce(
        call.session,
        visit=visit,
        case=case,
        place=place,
        borrower=case.borrower,
        letters=issued.letters,
        digits=issued.digits,
        public_names=_public_names(call, visit),
        employer=organisations.get(call.session, call.actor).public_name,
        check_url=call.runtime.settings.verify_url,
        now=call.now,
    )


def _public_names(call: Call, visit: Visit) -> list[str]:
    badge_ids = [visitor.badge_id for visitor in visit.visitors if visitor.active]
    badges = call.session.scalars(select(Badge).where(Badge.id.in_(badge_ids)))
    return [badge.public_name or "" for badge in badges]


def take_back(call: Call, visit_id: UUID, *, reason: str) -> None:
    """End the code, and call back a notice that has not left yet."""
    visit = visits.get(call.session, call.actor, visit_id)
    visit_codes.end(call.session, visit.id, reason=reason, now=call.now)
    outbox.cancel_for_visit(
        call.session,
        visit.organisation_id,
        visit.id,
        kinds=[MessageKind.VISIT_NOTICE],
        now=call.now,
    )


def call_off(call: Call, visit_id: UUID) -> None:
    """A borrower to whom a notice went learns that nobody comes."""
    take_back(call, visit_id, reason="cancelled")
    visit = visits.get(call.session, call.actor, visit_id)
    case = cases.get(call.session, call.actor, visit.case_id)
    place = next(place for place in case.places if place.id == visit.place_id)
    if _was_told(call, visit):
        notices.call_off(
            call.session,
            visit=visit,
            case=case,
            place=place,
            borrower=case.borrower,
            now=call.now,
        )


def _was_told(call: Call, visit: Visit) -> bool:
    """A notice was sent, or is just being sent."""
    query = select(Message.id).where(
        Message.visit_id == visit.id,
        Message.kind == MessageKind.VISIT_NOTICE,
        Message.attempt > 0,
    )
    return call.session.scalar(query.limit(1)) is not None
