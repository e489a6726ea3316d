"""Lawful hours: near the limits, across clock changes, minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.instants import Interval
from core.words import Channel
from gate import hours, packs
from gate.law import Bearing, Kind, Pack, Reach, Rule, Status, WeekSpan

PARIS = ZoneInfo("Europe/Paris")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CN = packs.shipped()["CN"]
MINUTE = timedelta(minutes=1)


def daily(first: int, end: int) -> tuple[WeekSpan, ...]:
    return tuple((day * 1440 + first, day * 1440 + end) for day in range(7))


def rule(spans: tuple[WeekSpan, ...], *, since: date | None = None) -> Rule:
    return Rule(
        id="XX-HRS-1",
        kind=Kind.HOURS,
        bearing=Bearing.DECIDES,
        status=Status.SECONDARY,
        channels=frozenset({Reach.ANY}),
        cite="Act 1",
        source="example.org",
        effective_from=since,
        hours=spans,
        min_staff=1,
        places=frozenset(),
        persons=frozenset(),
        unless="debtor_consent",
        stage=None,
        words_en="Come by day.",
        words_zh="请在白天来访。",
    )


def pack(*rules: Rule, tz: ZoneInfo | None = None) -> Pack:
    return Pack("XX", "Nowhere", tz, frozenset(), rules)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> Interval:
    return Interval(utc(start), utc(end))


def open_in_paris(spans: tuple[WeekSpan, ...], within: Interval) -> list[Interval]:
    return hours.lawful(pack(rule(spans)), PARIS, within, Channel.VISIT)


def test_a_day_in_hangzhou_is_open_from_eight_to_twenty_two() -> None:
    within = span("2026-11-23T16:00", "2026-11-25T16:00")
    assert hours.lawful(CN, SHANGHAI, within, Channel.VISIT) == [
        span("2026-11-24T00:00", "2026-11-24T14:00"),
        span("2026-11-25T00:00", "2026-11-25T14:00"),
    ]


def test_where_local_time_is_not_legal_time_both_have_to_allow() -> None:
    within = span("2026-11-23T16:00", "2026-11-24T16:00")
    urumqi = hours.lawful(CN, ZoneInfo("Asia/Urumqi"), within, Channel.VISIT)
    assert urumqi == [span("2026-11-24T02:00", "2026-11-24T14:00")]


def test_touching_windows_join_over_midnight_and_over_the_week() -> None:
    within = span("2026-11-20T00:00", "2026-11-30T00:00")
    assert open_in_paris(daily(0, 1440), within) == [within]


def test_a_day_that_is_not_named_is_shut() -> None:
    monday_only = ((540, 600),)
    within = span("2026-11-24T00:00", "2026-12-01T12:00")
    windows = open_in_paris(monday_only, within)
    assert windows == [span("2026-11-30T08:00", "2026-11-30T09:00")]


@pytest.mark.parametrize(
    ("day", "first", "end", "expected"),
    [
        # 29 March 2026: 02:00 becomes 03:00, at 01:00 UTC
        ("2026-03-29", 150, 1320, [("01:00", "20:00")]),
        ("2026-03-29", 60, 150, [("00:00", "01:00")]),
        ("2026-03-29", 125, 170, []),
        ("2026-03-29", 480, 1320, [("06:00", "20:00")]),
        # 25 October 2026: 03:00 becomes 02:00, at 01:00 UTC
        ("2026-10-25", 150, 600, [("00:30", "01:00"), ("01:30", "09:00")]),
        ("2026-10-25", 120, 150, [("00:00", "00:30"), ("01:00", "01:30")]),
        ("2026-10-25", 480, 1320, [("07:00", "21:00")]),
    ],
)
def test_on_the_day_of_a_clock_change_wall_time_counts(
    day: str, first: int, end: int, expected: list[tuple[str, str]]
) -> None:
    within = span(f"{day}T00:00", f"{day}T22:00")
    wanted = [span(f"{day}T{a}", f"{day}T{b}") for a, b in expected]
    assert open_in_paris(daily(first, end), within) == wanted


def test_a_consent_opens_the_night_for_as_long_as_it_lasts() -> None:
    within = span("2026-11-24T12:00", "2026-11-25T12:00")
    agreed = [span("2026-11-24T13:00", "2026-11-24T15:00")]
    windows = hours.lawful(CN, SHANGHAI, within, Channel.VISIT, agreed=agreed)
    assert windows == [
        span("2026-11-24T12:00", "2026-11-24T15:00"),
        span("2026-11-25T00:00", "2026-11-25T12:00"),
    ]


def test_a_rule_binds_from_its_first_local_day_on() -> None:
    dated = pack(rule(daily(600, 660), since=date(2026, 11, 25)))
    within = span("2026-11-24T00:00", "2026-11-25T23:00")
    windows = hours.lawful(dated, PARIS, within, Channel.VISIT)
    assert windows == [
        span("2026-11-24T00:00", "2026-11-24T23:00"),
        span("2026-11-25T09:00", "2026-11-25T10:00"),
    ]


def test_all_rules_on_hours_have_to_allow() -> None:
    two = pack(rule(daily(480, 720)), rule(daily(600, 1200)))
    within = span("2026-11-24T00:00", "2026-11-24T22:00")
    windows = hours.lawful(two, PARIS, within, Channel.VISIT)
    assert windows == [span("2026-11-24T09:00", "2026-11-24T11:00")]


def brute_force(
    spans: tuple[WeekSpan, ...], tz: ZoneInfo, within: Interval
) -> set[datetime]:
    """The open minutes, each asked by itself."""
    found, minute = set(), within.start
    while minute < within.end:
        wall = minute.astimezone(tz)
        of_week = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
        if any(first <= of_week < end for first, end in spans):
            found.add(minute)
        minute += MINUTE
    return found


@st.composite
def week_spans(draw: st.DrawFn) -> tuple[WeekSpan, ...]:
    count = draw(st.integers(0, 5))
    pairs = [
        sorted(draw(st.tuples(st.integers(0, 10080), st.integers(0, 10080))))
        for _ in range(count)
    ]
    return tuple((first, end) for first, end in pairs if first < end)


@given(
    spans=week_spans(),
    tz=st.sampled_from(
        [
            "Asia/Shanghai",
            "Europe/Paris",
            "America/St_Johns",
            "Australia/Lord_Howe",
            "America/Santiago",
            "Africa/Casablanca",
            "Asia/Kathmandu",
        ]
    ),
    start=st.integers(0, 3 * 366 * 1440),
    length=st.integers(1, 3 * 1440),
)
def test_windows_are_exactly_the_lawful_minutes(
    spans: tuple[WeekSpan, ...], tz: str, start: int, length: int
) -> None:
    first = utc("2024-01-01T00:00") + start * MINUTE
    within = Interval(first, first + length * MINUTE)
    windows = hours.weekly(spans, ZoneInfo(tz), within)
    inside = {
        window.start + n * MINUTE
        for window in windows
        for n in range(window.length // MINUTE)
    }
    assert inside == brute_force(spans, ZoneInfo(tz), within)
    assert all(a.end < b.start for a, b in pairwise(windows))


@pytest.mark.parametrize("zone", ["Europe/Paris", "Australia/Lord_Howe"])
def test_every_clock_change_of_a_year_is_found(zone: str) -> None:
    tz, spans = ZoneInfo(zone), ((0, 30), *daily(90, 170))
    within = Interval(utc("2026-01-01T00:00"), utc("2027-01-01T00:00"))
    inside = {
        window.start + n * MINUTE
        for window in hours.weekly(spans, tz, within)
        for n in range(window.length // MINUTE)
    }
    assert inside == brute_force(spans, tz, within)
