"""Daylight by the sun's height: ordinary days, polar day and night, any place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from astral import Observer, sun
from hypothesis import given
from hypothesis import strategies as st

from core import instants
from core.geo import Position
from core.instants import Interval
from gate import daylight

DAY = timedelta(days=1)
HANGZHOU = Position(120.1551, 30.2741)
TROMSO = Position(18.9553, 69.6492)
SOUTH = Position(166.6667, -77.85)  # McMurdo
MINUTE = timedelta(minutes=1)


def day(year: int, month: int, number: int, *, hours: int = 0) -> Interval:
    start = datetime(year, month, number, tzinfo=UTC) + timedelta(hours=hours)
    return Interval(start, start + DAY)


def test_a_day_in_hangzhou_as_the_almanac_has_it() -> None:
    local = day(2026, 11, 23, hours=16)  # 24 November in China
    [light] = daylight.within(HANGZHOU, local)
    rise, set_ = (light.start + 8 * 60 * MINUTE, light.end + 8 * 60 * MINUTE)
    assert (rise.hour, set_.hour) == (6, 16)
    assert abs(rise - datetime(2026, 11, 24, 6, 33, tzinfo=UTC)) <= 2 * MINUTE
    assert abs(set_ - datetime(2026, 11, 24, 16, 59, tzinfo=UTC)) <= 2 * MINUTE


@pytest.mark.parametrize(
    ("place", "when", "hours"),
    [
        (TROMSO, (2026, 6, 21), 24),
        (TROMSO, (2026, 12, 21), 0),
        (SOUTH, (2026, 12, 21), 24),
        (SOUTH, (2026, 6, 21), 0),
    ],
)
def test_polar_day_and_night(
    place: Position, when: tuple[int, int, int], hours: int
) -> None:
    found = daylight.within(place, day(*when))
    assert sum((one.length for one in found), timedelta(0)) == timedelta(hours=hours)


def test_between_them_the_light_comes_back_for_a_while() -> None:
    found = daylight.within(TROMSO, day(2026, 1, 25))
    assert len(found) == 1
    assert timedelta(hours=1) < found[0].length < timedelta(hours=5)


PLACES = st.builds(Position, st.floats(-180, 180), st.floats(-90, 90))
DATES = st.dates(date(2020, 1, 1), date(2090, 1, 1))


@given(PLACES, DATES)
def test_light_and_dark_never_overlap_and_lie_in_the_span(
    place: Position, when: date
) -> None:
    span = day(when.year, when.month, when.day)
    found = daylight.within(place, span)
    assert found == instants.union(found)
    assert all(span.covers(one) for one in found)
    observer = Observer(place.lat, place.lon, 0.0)
    for one in found:
        middle = one.start + one.length / 2
        height = sun.elevation(observer, middle, with_refraction=False)
        assert height > daylight.HORIZON_DEG


@given(st.floats(-180, 180), st.floats(-60, 60), DATES)
def test_where_every_day_has_a_sunrise_it_is_that_of_the_library(
    lon: float, lat: float, when: date
) -> None:
    observer = Observer(lat, lon, 0.0)
    rise = sun.sunrise(observer, date=when)
    around = Interval(rise - timedelta(hours=2), rise + timedelta(hours=2))
    found = daylight.within(Position(lon, lat), around)
    assert found
    assert abs(found[0].start - rise) < 3 * MINUTE


@given(PLACES, DATES, st.integers(1, 23))
def test_two_halves_of_a_span_are_the_whole(
    place: Position, when: date, hours: int
) -> None:
    span = day(when.year, when.month, when.day)
    cut = span.start + timedelta(hours=hours)
    halves = [Interval(span.start, cut), Interval(cut, span.end)]
    parts = [one for half in halves for one in daylight.within(place, half)]
    whole = daylight.within(place, span)
    apart = [
        *instants.subtract(instants.union(parts), whole),
        *instants.subtract(whole, instants.union(parts)),
    ]
    assert sum((one.length for one in apart), timedelta(0)) < timedelta(seconds=5)


def test_a_local_span_gives_instants_in_utc() -> None:
    local = day(2026, 11, 23, hours=16)
    shifted = Interval(
        local.start.astimezone(instants.zone("Asia/Shanghai")),
        local.end.astimezone(instants.zone("Asia/Shanghai")),
    )
    assert daylight.within(HANGZHOU, shifted) == daylight.within(HANGZHOU, local)
