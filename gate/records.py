"""What is on record about a contact, in one look: consents, wishes, holds, marks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Integer,
    String,
    Uuid,
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

from core.words import ConsentKind, MarkKind, RiskLevel
from gate.facts import Agreement, Period
from gate.risk import Mark
from models import (
    BorrowerHold,
    Case,
    Consent,
    CreditorListing,
    Place,
    PlaceMark,
    Wish,
)
from models.base import JSON_TYPE, UtcDateTime

NO_KIND, NO_SPANS = cast(null(), String), cast(null(), JSON_TYPE)
NO_TIME, NO_ID = cast(null(), UtcDateTime), cast(null(), Uuid)
OURS: BindParameter[UUID] = bindparam("ours")
CASE: BindParameter[UUID] = bindparam("case")
PLACE: BindParameter[UUID] = bindparam("place")
CREDITOR: BindParameter[UUID] = bindparam("creditor")
BORROWER: BindParameter[UUID] = bindparam("borrower")
SORT: BindParameter[str] = bindparam("sort", type_=String)
NO_NUMBER = cast(null(), Integer)
NO_MARK = (NO_KIND, NO_ID, NO_ID, NO_ID, NO_NUMBER)

# Consents for this place and for the whole case; wishes and holds are the borrower's,
# whichever of his cases they were noted for. Marks are those of all his places of the
# same kind: his home is the same home in another case. Built once: the gate is asked
# all day.
ON_RECORD: CompoundSelect[
    str,
    str | None,
    datetime,
    datetime | None,
    list[object] | None,
    str | None,
    UUID | None,
    UUID | None,
    UUID | None,
    int | None,
] = union_all(
    select(
        literal("consent").label("what"),
        type_coerce(Consent.kind, String).label("kind"),
        Consent.starts_at,
        Consent.ends_at,
        NO_SPANS.label("spans"),
        NO_KIND.label("level"),
        NO_ID.label("mark_id"),
        NO_ID.label("place_id"),
        NO_ID.label("corrects_id"),
        NO_NUMBER.label("number"),
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
        *NO_MARK,
    ).where(
        CreditorListing.organisation_id == OURS,
        CreditorListing.creditor_id == CREDITOR,
    ),
    select(literal("wish"), Wish.kind, NO_TIME, NO_TIME, Wish.spans, *NO_MARK).where(
        Wish.organisation_id == OURS, Wish.borrower_id == BORROWER
    ),
    select(
        literal("hold"),
        NO_KIND,
        BorrowerHold.starts_at,
        BorrowerHold.ends_at,
        NO_SPANS,
        *NO_MARK,
    ).where(BorrowerHold.organisation_id == OURS, BorrowerHold.borrower_id == BORROWER),
    select(
        literal("mark"),
        type_coerce(PlaceMark.kind, String),
        PlaceMark.at,
        PlaceMark.ends_at,
        NO_SPANS,
        type_coerce(PlaceMark.level, String),
        PlaceMark.id,
        PlaceMark.place_id,
        PlaceMark.corrects_id,
        PlaceMark.number,
    )
    .join(Place, Place.id == PlaceMark.place_id)
    .join(Case, Case.id == Place.case_id)
    .where(
        PlaceMark.organisation_id == OURS,
        Case.borrower_id == BORROWER,
        type_coerce(Place.kind, String) == SORT,
    ),
)


@dataclass(frozen=True, slots=True)
class Record:
    """One of them; ``what`` says which, a wish has spans, the others a time.

    A mark has a level and ids.
    """

    what: str
    kind: str | None
    starts_at: datetime
    ends_at: datetime | None
    spans: list[object] | None
    level: str | None = None
    mark_id: UUID | None = None
    place_id: UUID | None = None
    corrects_id: UUID | None = None
    number: int | None = None


def of(session: Session, case: Case, place: Place) -> Sequence[Record]:
    """Everything about a contact of the case at the place; nothing sealed is opened."""
    about = {
        "ours": case.organisation_id,
        "case": case.id,
        "place": place.id,
        "creditor": case.creditor_id,
        "borrower": case.borrower_id,
        "sort": place.kind.value,
    }
    return [Record(*row) for row in session.execute(ON_RECORD, about)]


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


def marks(found: Sequence[Record]) -> tuple[Mark, ...]:
    """What his places of that kind are remembered for."""
    return tuple(
        Mark(
            id=one.mark_id,
            place_id=one.place_id,
            number=one.number or 0,
            kind=MarkKind(one.kind or ""),
            level=RiskLevel(one.level or ""),
            at=one.starts_at,
            ends_at=one.ends_at,
            corrects_id=one.corrects_id,
        )
        for one in found
        if one.mark_id is not None and one.place_id is not None
    )


def _periods(found: Sequence[Record], what: str) -> tuple[Period, ...]:
    return tuple(
        Period(one.starts_at, one.ends_at) for one in found if one.what == what
    )
