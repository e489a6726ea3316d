"""Daylight at a place: the sun's upper edge stands above the horizon."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from astral import Observer, sun

from core.geo import Position
from core.instants import Interval

# the sun's middle, without refraction, when its edge is seen on the horizon
HORIZON_DEG = -0.833
STEP = timedelta(minutes=15)  # a shorter day is no daylight
EXACT = timedelta(seconds=1)

Up = Callable[[datetime], bool]


def within(position: Position, span: Interval) -> list[Interval]:
    """The parts of the span in daylight, in UTC, ascending; to the second.

    The sun's height is asked for, never a day's sunrise: near the poles a day may have
    none, and elsewhere it may belong to another date than the place's.
    """
    observer = Observer(position.lat, position.lon, 0.0)

    def up(at: datetime) -> bool:
        height = sun.elevation(observer, at, with_refraction=False)
        return height > HORIZON_DEG

    edges = list(_edges(up, span.start.astimezone(UTC), span.end.astimezone(UTC)))
    return [
        Interval(start, end)
        for (start, light), (end, _) in pairwise(edges)
        if light and start < end
    ]


def _edges(up: Up, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
    """The start, every rise and set, and the end; each with whether it is light."""
    light, at = up(start), start
    yield start, light
    while at < end:
        after = min(at + STEP, end)
        if up(after) is not light:
            light = not light
            yield _turn(up, at, after, light), light
        at = after
    yield end, light


def _turn(up: Up, before: datetime, after: datetime, light: bool) -> datetime:
    """When it becomes light, or dark; both err towards the dark, on whole seconds."""
    while after - before > EXACT:
        middle = before + (after - before) / 2
        before, after = (before, middle) if up(middle) is light else (middle, after)
    exact = after + EXACT if light else before
    return exact.replace(microsecond=0)
