"""What a place's memory asks of a visit: a pair, daylight, no last stop, nobody."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core import instants
from core.instants import Interval
from core.words import Channel
from gate import daylight, risk
from gate.answers import Obligation, Reason, of_the_house
from gate.facts import Facts
from gate.law import Kind, Stage
from gate.risk import MEASURES, Measures

NO_VISIT = of_the_house(
    "PLACE-NO-VISIT",
    "For the safety of our people nobody visits this place for now.",
    "出于我方人员安全考虑，目前不得走访该地点。",
)
PAIR = of_the_house(
    "PLACE-PAIR",
    "For the safety of our people nobody visits this place alone for now.",
    "出于我方人员安全考虑，目前不得单人走访该地点。",
)
DAYLIGHT = of_the_house(
    "PLACE-DAYLIGHT",
    "For the safety of our people this place is visited in daylight only for now.",
    "出于我方人员安全考虑，目前只可在白天走访该地点。",
)
NOT_LAST = of_the_house(
    "PLACE-NOT-LAST",
    "For the safety of our people this place is not the last stop of a day for now: "
    "somebody has to expect each visitor afterwards.",
    "出于我方人员安全考虑，目前该地点不得作为当日最后一站：之后须有人等候每位走访人员。",
)
SHORT = of_the_house(
    "PLACE-SHORT",
    "For the safety of our people the watch at this place falls due early for now.",
    "出于我方人员安全考虑，目前在该地点的守护时限缩短。",
)
DUTIES = {
    PAIR: (Stage.DEPARTURE, Kind.STAFFING),
    DAYLIGHT: (Stage.DOOR, Kind.HOURS),
    NOT_LAST: (Stage.DEPARTURE, Kind.PLACE),
    SHORT: (Stage.DOOR, Kind.PLACE),
}
Asks = Callable[[Measures], object]
ASKED: tuple[tuple[Reason, Asks], ...] = (
    (NO_VISIT, lambda one: one.no_visit),
    (PAIR, lambda one: one.pair),
    (DAYLIGHT, lambda one: one.daylight),
    (NOT_LAST, lambda one: one.not_last),
    (SHORT, lambda one: one.at_most),
)


def of(facts: Facts, span: Interval) -> Iterator[tuple[Reason, list[Interval]]]:
    """Each measure that is asked for within the span, and when it refuses nothing."""
    for reason, asks in ASKED[:-1]:  # the last is kept by the watch, and never refuses
        if binds := _binds(facts, span, asks):
            free = instants.subtract([span], binds)
            yield reason, instants.union([*free, *_kept(reason, facts, binds)])


def lit(facts: Facts, span: Interval) -> list[Interval]:
    """The span without the dark hours in which nobody may be there."""
    found = (windows for reason, windows in of(facts, span) if reason is DAYLIGHT)
    return next(found, [span])


def obligations(facts: Facts) -> Iterator[Obligation]:
    """What a visit that begins then has to keep: whoever goes there has to know."""
    measures = _at_start(facts)
    for reason, asks in ASKED:
        if reason in DUTIES and asks(measures):
            yield Obligation(*DUTIES[reason], reason)


def at_most(facts: Facts) -> timedelta | None:
    """By when the watch at the door falls due; None: as long as the visit."""
    return _at_start(facts).at_most


def asks_for_stops(facts: Facts) -> bool:
    """Does anything depend on the other stops of those who come?"""
    return any(MEASURES[one.level].not_last for one in facts.risks)


def _at_start(facts: Facts) -> Measures:
    if facts.channel is not Channel.VISIT:
        return Measures()
    return MEASURES[risk.level_at(facts.risks, facts.interval.start)]


def _binds(facts: Facts, span: Interval, asks: Asks) -> list[Interval]:
    """When within the span such a measure is asked for; a visit alone can keep it."""
    if facts.channel is not Channel.VISIT:
        return []
    return [
        part
        for one in facts.risks
        if asks(MEASURES[one.level])
        for part in one.period.within(span)
    ]


def _kept(reason: Reason, facts: Facts, binds: list[Interval]) -> list[Interval]:
    """When within these times a visit as asked for keeps the measure."""
    if reason is PAIR:
        return binds if facts.people is None or facts.people > 1 else []
    if reason is DAYLIGHT:
        return _in_daylight(facts, binds)
    if reason is NOT_LAST:
        return _before_another(facts, binds)
    return []


def _in_daylight(facts: Facts, binds: list[Interval]) -> list[Interval]:
    """None where the place's position cannot be read."""
    if facts.position is None:
        return []
    return [
        part
        for bound in instants.union(binds)
        for part in daylight.within(facts.position, bound)
    ]


def _before_another(facts: Facts, binds: list[Interval]) -> list[Interval]:
    """Before the last stop of a local day, for each who comes; judged when they are.

    Without a zone there are no days: the gate refuses for that.
    """
    tz = facts.tz
    if facts.stops is None or tz is None:
        return binds
    windows = binds
    for starts in facts.stops:
        before = [_of_the_day(start, tz) for start in starts]
        windows = instants.intersect(windows, [one for one in before if one])
    return windows


def _of_the_day(start: datetime, tz: ZoneInfo) -> Interval | None:
    """From midnight to that stop: the later ones of a day make it longer."""
    midnight = instants.midnight(start, tz)
    return Interval(midnight, start) if midnight < start else None
