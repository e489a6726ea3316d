"""Places of imported cases: matched by external id, updated in place, never deleted."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from gate import packs
from models import Place, bulk
from planning import country_zones, zones
from planning.case_people import Cells
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


def located(facts: PlaceFacts) -> Located:
    """The place with its time zone and whether we have rules there."""
    zone = zones.of(facts.position)
    return Located(facts, zone, *_judged(zone, facts.country, facts.region))


@lru_cache
def _judged(zone: str | None, country: str, region: str | None) -> tuple[bool, bool]:
    """Has it a rule pack, and does the zone contradict the country?"""
    has_pack = packs.for_place(country, region) is not None
    fits = zone is None or country_zones.fits(zone, country, region)
    return has_pack, not fits


def new(
    organisation_id: UUID, case_id: UUID, located: Located, digest: str
) -> bulk.Row[Place]:
    """The row of a place that its case has not had so far."""
    facts = located.facts
    return bulk.row(
        Place,
        organisation_id=organisation_id,
        case_id=case_id,
        external_id=facts.place_id,
        kind=facts.place_kind,
        is_public=facts.place_public,
        address=facts.address,
        position=facts.position,
        datum=facts.datum,
        country=facts.country,
        region=facts.region,
        time_zone=located.zone,
        unschedulable=located.unschedulable,
        row_digest=digest,
    )


def differing(place: Place, located: Located) -> Cells:
    """What the file says otherwise, by column: the old values."""
    said, stands = _said(located), _stands(place)
    return {name: old for name, old in stands.items() if old != said[name]}


def describe(place: Place, located: Located, digest: str) -> None:
    """Write what the file says into the place's row."""
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
    place.row_digest = digest


def _said(located: Located) -> Cells:
    facts = located.facts
    return {
        "place_kind": facts.place_kind,
        "place_public": facts.place_public,
        "address": facts.address,
        "position": str(facts.position),
        "datum": facts.datum,
        "country": facts.country,
        "region": facts.region,
        "time_zone": located.zone,
        "unschedulable": located.unschedulable,
    }


def _stands(place: Place) -> Cells:
    return {
        "place_kind": place.kind,
        "place_public": place.is_public,
        "address": place.address,
        "position": str(place.position),
        "datum": place.datum,
        "country": place.country,
        "region": place.region,
        "time_zone": place.time_zone,
        "unschedulable": place.unschedulable,
    }
