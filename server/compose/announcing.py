"""Publishing issues a code and tells the borrower; taking back undoes both."""

from uuid import UUID

from accounts import organisations
from contact import notices
from credentials import badges, visit_codes
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
        public_names=[
            badge.public_name or "" for _, badge in badges.worn(call.session, visit)
        ],
        employer=organisations.get(call.session, call.actor).public_name,
        check_url=call.runtime.settings.verify_url,
        now=call.now,
    )


def take_back(call: Call, visit_id: UUID, *, reason: str) -> None:
    """End the code; a borrower to whom a notice went learns that nobody comes then.

    Called while the visit still has the window that was announced.
    """
    visit = visits.get(call.session, call.actor, visit_id)
    visit_codes.end(call.session, visit.id, reason=reason, now=call.now)
    case = cases.get(call.session, call.actor, visit.case_id)
    place = next(place for place in case.places if place.id == visit.place_id)
    notices.call_off(
        call.session,
        visit=visit,
        case=case,
        place=place,
        borrower=case.borrower,
        now=call.now,
    )
