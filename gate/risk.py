"""How careful one has to be at a place: from what is marked there, and nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from uuid import UUID

from core.words import Harm, IncidentCategory, MarkKind, RiskLevel
from gate.facts import Period, Standing

RANK = {level: rank for rank, level in enumerate(RiskLevel)}
CONCERN_LASTS = timedelta(days=180)
INCIDENT_LASTS = timedelta(days=365)
REVIEW_LASTS = timedelta(days=366)  # at most: nobody stays marked for ever


@dataclass(frozen=True, slots=True)
class Measures:
    """What a level asks for. ``at_most``: the watch at the door falls due by then."""

    pair: bool = False
    daylight: bool = False
    not_last: bool = False
    at_most: timedelta | None = None
    no_visit: bool = False


MEASURES: Mapping[RiskLevel, Measures] = {
    RiskLevel.NORMAL: Measures(),
    RiskLevel.RAISED: Measures(pair=True, not_last=True, at_most=timedelta(minutes=15)),
    RiskLevel.HIGH: Measures(
        pair=True, daylight=True, not_last=True, at_most=timedelta(minutes=10)
    ),
    RiskLevel.NO_VISIT: Measures(no_visit=True, at_most=timedelta(minutes=10)),
}
BY_CATEGORY: Mapping[IncidentCategory, RiskLevel] = {
    IncidentCategory.THREAT: RiskLevel.RAISED,
    IncidentCategory.ASSAULT: RiskLevel.NO_VISIT,
    IncidentCategory.WEAPON: RiskLevel.NO_VISIT,
    IncidentCategory.HELD: RiskLevel.NO_VISIT,
    IncidentCategory.ROBBERY: RiskLevel.HIGH,
    IncidentCategory.HARASSMENT: RiskLevel.HIGH,
    IncidentCategory.ANIMAL: RiskLevel.RAISED,
    IncidentCategory.ACCIDENT: RiskLevel.NORMAL,
    IncidentCategory.ILLNESS: RiskLevel.NORMAL,
    IncidentCategory.OTHER: RiskLevel.RAISED,
}
BY_HARM: Mapping[Harm, RiskLevel] = {
    Harm.NONE: RiskLevel.NORMAL,
    Harm.SHAKEN: RiskLevel.NORMAL,
    Harm.INJURED: RiskLevel.HIGH,
    Harm.SEVERE: RiskLevel.NO_VISIT,
    Harm.DEATH: RiskLevel.NO_VISIT,
}
# what befell somebody there, but came from nobody at the place
OF_NOBODY = frozenset({IncidentCategory.ACCIDENT, IncidentCategory.ILLNESS})
RAISING = frozenset({MarkKind.CONCERN, MarkKind.INCIDENT})


@dataclass(frozen=True, slots=True)
class Mark:
    """One row of a place's memory; rows are never changed.

    ``number`` orders those of a place. ``corrects_id`` is the mark that a correction
    sets right. A level above normal has an end.
    """

    id: UUID
    place_id: UUID
    number: int
    kind: MarkKind
    level: RiskLevel
    at: datetime
    ends_at: datetime | None
    corrects_id: UUID | None = None


def of_incident(category: IncidentCategory, harm: Harm) -> RiskLevel:
    """What an incident asks for until somebody reviews it: the worse of the two."""
    if category in OF_NOBODY:
        return BY_CATEGORY[category]
    return higher(BY_CATEGORY[category], BY_HARM[harm])


def higher(*levels: RiskLevel) -> RiskLevel:
    """The one that asks for most; normal where there is none."""
    return max(levels, key=RANK.__getitem__, default=RiskLevel.NORMAL)


def in_force(marks: Sequence[Mark], now: datetime) -> RiskLevel:
    """The level at ``now``, by what was marked until then."""
    return level_at(standings(marks, now), now)


def level_at(standing: Sequence[Standing], instant: datetime) -> RiskLevel:
    """The highest of the levels that hold at the instant."""
    return higher(*(one.level for one in standing if one.period.holds(instant)))


def standings(marks: Sequence[Mark], now: datetime) -> tuple[Standing, ...]:
    """Which levels hold when, as known at ``now``; each place is judged by itself.

    The last review answers all that was marked before it and stands for it. What came
    later counts by itself, as corrected; two concerns at once ask for more than one.
    """
    known = _known(marks, now)
    places = dict.fromkeys(one.place_id for one in known)
    return tuple(
        standing
        for place_id in places
        for standing in _of_place([one for one in known if one.place_id == place_id])
        if standing.level is not RiskLevel.NORMAL
    )


def waiting(marks: Sequence[Mark], now: datetime) -> tuple[Mark, ...]:
    """Marks that no review has answered and no correction has set right."""
    known = _known(marks, now)
    corrected = {one.corrects_id for one in known}
    return tuple(one for one in _unanswered(known) if one.id not in corrected)


def _known(marks: Sequence[Mark], now: datetime) -> list[Mark]:
    return sorted((one for one in marks if one.at <= now), key=lambda one: one.number)


def _of_place(known: Sequence[Mark]) -> Iterator[Standing]:
    reviews = [one for one in known if one.kind is MarkKind.REVIEW]
    if reviews:
        yield _standing(reviews[-1], reviews[-1])
    corrections = {one.corrects_id: one for one in known if one.corrects_id}
    fresh = [
        (one, _standing(one, corrections.get(one.id, one)))
        for one in _unanswered(known)
    ]
    yield from (standing for _, standing in fresh)
    voiced = [
        standing.period
        for one, standing in fresh
        if one.kind is MarkKind.CONCERN and standing.level is not RiskLevel.NORMAL
    ]
    for one, other in combinations(voiced, 2):
        if both := one.shared(other):
            yield Standing(RiskLevel.HIGH, both)


def _unanswered(known: Sequence[Mark]) -> list[Mark]:
    """What raised the level since the last review of its own place."""
    answered = {
        one.place_id: one.number for one in known if one.kind is MarkKind.REVIEW
    }
    return [
        one
        for one in known
        if one.kind in RAISING and one.number > answered.get(one.place_id, -1)
    ]


def _standing(mark: Mark, says: Mark) -> Standing:
    """From the mark's own instant on, as the row says that has the last word on it."""
    return Standing(says.level, Period(mark.at, says.ends_at))
