"""Places of imported cases: matched by external id, updated in place, never deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Case, Place
from planning.case_rows import PlaceFacts

ZONE_UNKNOWN = "zone_unknown"
NO_RULE_PACK = "no_rule_pack"
CONTRADICTION = "country_contradicts_position"
WORDS = {
    ZONE_UNKNOWN: "The time zone of this position is unknown.",
    NO_RULE_PACK: "We have no rules for this country or region.",
    CONTRADICTION: "This position does not lie in the stated country or region.",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A place of the file with what its position and country say about it."""

    facts: PlaceFacts
    zone: str | None
    has_pack: bool
    contradicted: bool

    @property
    def unschedulable(self) -> list[object]:
        """Why it cannot be scheduled: ``code`` and ``words`` of every reason."""
        codes = [] if self.zone else [ZONE_UNKNOWN]
        codes += [] if self.has_pack else [NO_RULE_PACK]
        codes += [CONTRADICTION] if self.contradicted else []
        return [{"code": code, "words": WORDS[code]} for code in codes]


def store(session: Session, cases: Sequence[tuple[Case, list[Located]]]) -> None:
    """Write the places of stored cases; one that the file no longer has stays."""
    known = _known(session, [case for case, _ in cases])
    for case, places in cases:
        for located in places:
            place = known.get((case.id, located.facts.place_id))
            if place is None:
                place = _new(case, located.facts.place_id)
                session.add(place)
            _describe(place, located)
    session.flush()


def _known(session: Session, cases: Sequence[Case]) -> dict[tuple[UUID, str], Place]:
    query = select(Place).where(
        Place.organisation_id == cases[0].organisation_id,
        Place.case_id.in_([case.id for case in cases]),
    )
    found = session.scalars(query)
    return {(place.case_id, place.external_id): place for place in found}


def _new(case: Case, place_id: str) -> Place:
    return Place(
        organisation_id=case.organisation_id, case_id=case.id, external_id=place_id
    )


def _describe(place: Place, located: Located) -> None:
    facts = located.facts
    place.kind = facts.place_kind
    place.is_public = facts.place_public
    place.address = facts.address
    place.position = facts.position
    place.datum = facts.datum
    place.country = facts.country
    place.region = facts.region
    place.time_zone = located.zone
    place.unschedulable = located.unschedulable
