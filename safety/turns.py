"""Who is on call: layers of turns in local time, and the overrides above them.

Layers stand from the top down. At any instant the first that names somebody is the one
who is on call; the others who are named then answer in his place where he cannot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from core import instants
from core.instants import Interval

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The only local times in which a layer names anybody.

    They begin on each of ``weekdays`` (ISO: 1 is Monday) at ``begins`` and run until
    ``ends``, of the next day where that is not later; the same twice is a whole day.
    """

    weekdays: frozenset[int]
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Layer:
    """People take turns of ``turn_days`` local days, handed over at ``hand_over``.

    The first turn begins on the day ``starts_on``; before it the layer names nobody.
    """

    participants: tuple[UUID, ...]
    starts_on: date
    hand_over: time
    turn_days: int
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """One person takes a span, above all layers."""

    user_id: UUID
    span: Interval


@dataclass(frozen=True, slots=True)
class Rota:
    """Layers from the top down, in the local time of one zone, and the overrides."""

    zone: ZoneInfo
    layers: tuple[Layer, ...]
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Who is named over a stretch of time, the one on call first; nobody: a gap."""

    interval: Interval
    names: tuple[UUID, ...]


def at(rota: Rota, instant: datetime) -> tuple[UUID, ...]:
    """Who is named at an instant, the one on call first, each once."""
    taken = [one.user_id for one in rota.overrides if one.span.contains(instant)]
    named = (on_turn(layer, rota.zone, instant) for layer in rota.layers)
    return tuple(dict.fromkeys([*taken, *(one for one in named if one is not None)]))


def on_turn(layer: Layer, zone: ZoneInfo, instant: datetime) -> UUID | None:
    """Whom one layer names at an instant."""
    if not layer.participants:
        return None
    turn = _turn(layer, zone, instant)
    if turn < 0 or not _in_hours(layer.hours, zone, instant):
        return None
    return layer.participants[turn % len(layer.participants)]


def spans(rota: Rota, window: Interval) -> list[Span]:
    """The window cut wherever other people are named; it is covered without a hole."""
    edges = {window.start, window.end}
    edges |= {edge for edge in _edges(rota, window) if window.contains(edge)}
    found: list[Span] = []
    for start, end in pairwise(sorted(edges)):
        names = at(rota, start)
        same = found.pop() if found and found[-1].names == names else None
        since = same.interval.start if same else start
        found.append(Span(Interval(since, end), names))
    return found


def clashing(overrides: Sequence[Override], span: Interval) -> list[Override]:
    """Those that take some of the span already."""
    return [
        one
        for one in overrides
        if one.span.start < span.end > span.start < one.span.end
    ]


def _hand_over(layer: Layer, zone: ZoneInfo, turn: int) -> datetime:
    """When a turn begins."""
    day = layer.starts_on + turn * layer.turn_days * DAY
    return instants.wall(day, layer.hand_over, zone)


def _turn(layer: Layer, zone: ZoneInfo, instant: datetime) -> int:
    """The number of the turn that runs at an instant; negative before the first."""
    days = (instant.astimezone(zone).date() - layer.starts_on).days
    turn = days // layer.turn_days
    # where clocks jump a hand-over may come a little earlier or later than its day says
    while _hand_over(layer, zone, turn) > instant:
        turn -= 1
    while _hand_over(layer, zone, turn + 1) <= instant:
        turn += 1
    return turn


def _in_hours(hours: Hours | None, zone: ZoneInfo, instant: datetime) -> bool:
    if hours is None:
        return True
    today = instant.astimezone(zone).date()
    return any(
        begins <= instant < ends
        for day in (today - DAY, today)
        for begins, ends in _of_day(hours, zone, day)
    )


def _of_day(
    hours: Hours, zone: ZoneInfo, day: date
) -> Iterator[tuple[datetime, datetime]]:
    """The hours that begin on a day; none where that is no day of theirs."""
    if day.isoweekday() in hours.weekdays:
        last = day if hours.begins < hours.ends else day + DAY
        yield (
            instants.wall(day, hours.begins, zone),
            instants.wall(last, hours.ends, zone),
        )


def _edges(rota: Rota, window: Interval) -> Iterator[datetime]:
    """Every instant of the window, and some beside it, at which others may be named."""
    for override in rota.overrides:
        yield from (override.span.start, override.span.end)
    for layer in rota.layers:
        first = _turn(layer, rota.zone, window.start)
        last = _turn(layer, rota.zone, window.end)
        for turn in range(max(first, 0), last + 1):
            yield _hand_over(layer, rota.zone, turn)
        if layer.hours is not None:
            yield from _edges_of_hours(layer.hours, rota.zone, window)


def _edges_of_hours(
    hours: Hours, zone: ZoneInfo, window: Interval
) -> Iterator[datetime]:
    day = window.start.astimezone(zone).date() - DAY
    while day <= window.end.astimezone(zone).date():
        for begins, ends in _of_day(hours, zone, day):
            yield from (begins, ends)
        day += DAY
