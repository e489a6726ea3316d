"""What is on record about a contact, in one look: consents, listings, wishes, holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    String,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from core.words import ConsentKind
from gate.facts import Agreement, Period
from models import BorrowerHold, Case, Consent, CreditorListing, Place, Wish
from models.base import JSON_TYPE, UtcDateTime

NO_KIND, NO_SPANS = cast(null(), String), cast(null(), JSON_TYPE)
NO_TIME = cast(null(), UtcDateTime)
OURS: BindParameter[UUID] = bindparam("ours")
CASE: BindParameter[UUID] = bindparam("case")
PLACE: BindParameter[UUID] = bindparam("place")
CREDITOR: BindParameter[UUID] = bindparam("creditor")
BORROWER: BindParameter[UUID] = bindparam("borrower")

# Consents for this place and for the whole case; wishes and holds are the borrower's,
# whichever of his cases they were noted for. Built once: the gate is asked all day.
ON_RECORD: CompoundSelect[
    str, str | None, datetime, datetime | None, list[object] | None
] = union_all(
    select(
        literal("consent").label("what"),
        type_coerce(Consent.kind, String).label("kind"),
        Consent.starts_at,
        Consent.ends_at,
        NO_SPANS.label("spans"),
    ).where(
        Consent.organisation_id == OURS,
        Consent.case_id == CASE,
        or_(Consent.place_id.is_(None), Consent.place_id == PLACE),
    ),
    select(
        literal("listing"),
        NO_KIND,
        CreditorListing.starts_at,
        CreditorListing.ends_at,
        NO_SPANS,
    ).where(
        CreditorListing.organisation_id == OURS,
        CreditorListing.creditor_id == CREDITOR,
    ),
    select(literal("wish"), Wish.kind, NO_TIME, NO_TIME, Wish.spans).where(
        Wish.organisation_id == OURS, Wish.borrower_id == BORROWER
    ),
    select(
        literal("hold"),
        NO_KIND,
        BorrowerHold.starts_at,
        BorrowerHold.ends_at,
        NO_SPANS,
    ).where(BorrowerHold.organisation_id == OURS, BorrowerHold.borrower_id == BORROWER),
)


@dataclass(frozen=True, slots=True)
class Record:
    """One of them; ``what`` says which, a wish has spans, the others a time."""

    what: str
    kind: str | None
    starts_at: datetime
    ends_at: datetime | None
    spans: list[object] | None


def of(session: Session, case: Case, place: Place) -> Sequence[Record]:
    """Everything about a contact of the case at the place; nothing sealed is opened."""
    about = {
        "ours": case.organisation_id,
        "case": case.id,
        "place": place.id,
        "creditor": case.creditor_id,
        "borrower": case.borrower_id,
    }
    return [
        Record(what, kind, starts_at, ends_at, spans)
        for what, kind, starts_at, ends_at, spans in session.execute(ON_RECORD, about)
    ]


def agreements(found: Sequence[Record]) -> tuple[Agreement, ...]:
    """What the borrower agreed to."""
    return tuple(
        Agreement(ConsentKind(one.kind or ""), Period(one.starts_at, one.ends_at))
        for one in found
        if one.what == "consent"
    )


def listings(found: Sequence[Record]) -> tuple[Period, ...]:
    """When we stand on the creditor's list."""
    return _periods(found, "listing")


def holds(found: Sequence[Record]) -> tuple[Period, ...]:
    """When he is left alone."""
    return _periods(found, "hold")


def _periods(found: Sequence[Record], what: str) -> tuple[Period, ...]:
    return tuple(
        Period(one.starts_at, one.ends_at) for one in found if one.what == what
    )
