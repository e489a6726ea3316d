"""Cases and what belongs to them: creditors, consents, lawful hours."""

from typing import Any
from uuid import UUID

from accounts.access import Action
from core.instants import Interval
from gate import evidence
from models import Case, Consent, CreditorListing
from planning import case_changes, cases, creditors, visit_hours
from server import reading
from server.endpoint import Call, Room, endpoint
from server.schemas import cases as schemas
from server.schemas.base import NothingSchema, PageQuery, page, page_of

room = Room("cases", __name__, url_prefix="/v1/cases", description=__doc__)
creditors_room = Room("creditors", __name__, url_prefix="/v1/creditors")


@endpoint(
    room,
    "GET",
    "",
    action=Action.READ_CASES,
    query=schemas.CaseQuery,
    answer=page_of(schemas.CaseSchema, "Case"),
    reads=reading.ITEMS,
)
def page_through(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List cases, oldest first, without personal values."""
    return page(cases.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    room,
    "GET",
    "/<uuid:case_id>",
    action=Action.READ_CASES,
    answer=schemas.CaseDetailSchema,
    reads=reading.ONE,
)
def get(call: Call, case_id: UUID) -> Case:
    """One case with its people and places."""
    return cases.get(call.session, call.actor, case_id)


@endpoint(
    room,
    "POST",
    "/<uuid:case_id>/consents",
    action=Action.RECORD_CONSENT,
    body=schemas.NewConsentSchema,
    answer=schemas.ConsentSchema,
    status=201,
)
def give_consent(call: Call, body: dict[str, Any], case_id: UUID) -> Consent:
    """Record what the borrower agreed to, with the evidence."""
    return evidence.give_consent(
        call.session, call.actor, case_id=case_id, now=call.now, **body
    )


@endpoint(
    room,
    "POST",
    "/consents/<uuid:consent_id>/withdrawal",
    action=Action.RECORD_CONSENT,
    answer=NothingSchema,
    errors=(409,),
)
def withdraw_consent(call: Call, consent_id: UUID) -> dict[str, object]:
    """The borrower withdraws consent from now on."""
    evidence.withdraw_consent(call.session, call.actor, consent_id, now=call.now)
    return {}


@endpoint(
    room,
    "GET",
    "/<uuid:case_id>/visit-hours",
    action=Action.READ_VISIT_HOURS,
    query=schemas.HoursQuery,
    answer=schemas.HoursSchema,
    reads=reading.ONE,
)
def hours(call: Call, query: dict[str, Any], case_id: UUID) -> dict[str, object]:
    """Lawful windows minus the borrower's wishes, in the place's local time."""
    found = visit_hours.of(
        call.session,
        call.actor,
        case_id=case_id,
        place_id=query["place_id"],
        span=Interval(query["start"], query["end"]),
        now=call.now,
    )
    return {
        "time_zone": found.time_zone,
        "windows": found.windows,
        "refusals": [reason.as_json() for reason in found.refusals],
    }


@endpoint(
    room,
    "GET",
    "/<uuid:case_id>/history",
    action=Action.READ_CASE_HISTORY,
    query=PageQuery,
    answer=page_of(schemas.ChangeSchema, "Change"),
    reads=reading.ONE,
)
def history(call: Call, query: dict[str, Any], case_id: UUID) -> dict[str, object]:
    """What imports changed about a case, oldest first, with the old values."""
    found = case_changes.page(call.session, call.actor, case_id, **query)
    return page(found, query["limit"])


@endpoint(
    creditors_room,
    "GET",
    "",
    action=Action.READ_CREDITORS,
    query=PageQuery,
    answer=page_of(schemas.CreditorSchema, "Creditor"),
)
def page_creditors(call: Call, query: dict[str, Any]) -> dict[str, object]:
    """List creditors, oldest first."""
    return page(creditors.page(call.session, call.actor, **query), query["limit"])


@endpoint(
    creditors_room,
    "POST",
    "/<uuid:creditor_id>/listings",
    action=Action.RECORD_LISTING,
    body=schemas.NewListingSchema,
    answer=schemas.ListingSchema,
    status=201,
)
def record_listing(
    call: Call, body: dict[str, Any], creditor_id: UUID
) -> CreditorListing:
    """Record that the organisation is on this creditor's published list."""
    return evidence.record_listing(
        call.session, call.actor, creditor_id=creditor_id, now=call.now, **body
    )


@endpoint(
    creditors_room,
    "POST",
    "/listings/<uuid:listing_id>/end",
    action=Action.RECORD_LISTING,
    answer=NothingSchema,
    errors=(409,),
)
def end_listing(call: Call, listing_id: UUID) -> dict[str, object]:
    """Record that the organisation is no longer on that list."""
    evidence.end_listing(call.session, call.actor, listing_id, now=call.now)
    return {}
