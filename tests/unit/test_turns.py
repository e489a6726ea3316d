"""Turns of a rota: who is on call, across hand-overs, clock changes and overrides."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import instants
from core.instants import Interval
from safety import turns
from safety.turns import Hours, Layer, Override, Rota

PARIS = ZoneInfo("Europe/Paris")
SHANGHAI = ZoneInfo("Asia/Shanghai")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks jump by half an hour
APIA = ZoneInfo("Pacific/Apia")  # it had no 30 December 2011
ANNA, BEN, CARA, DAN = (UUID(int=number) for number in range(1, 5))
MONDAY = date(2026, 11, 23)
NIGHT = Hours(frozenset({1, 2, 3, 4, 5}), time(18), time(8))


def utc(day: int, hour: int = 0, minute: int = 0, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def layer(
    *people: UUID, start: date = MONDAY, hand_over: time = time(9), days: int = 1
):
    return Layer(people, start, hand_over, days)


def one(zone: ZoneInfo, found: Layer, *overrides: Override) -> Rota:
    return Rota(zone, (found,), overrides)


@pytest.mark.parametrize(
    ("instant", "named"),
    [
        (utc(23, 0, 59), ()),  # 08:59 in Shanghai, before the first turn
        (utc(23, 1), (ANNA,)),
        (utc(24, 0, 59), (ANNA,)),
        (utc(24, 1), (BEN,)),
        (utc(25, 1), (CARA,)),
        (utc(26, 1), (ANNA,)),
        (utc(10, 12), ()),
    ],
)
def test_turns_of_a_day_follow_each_other_at_the_hand_over(instant, named):
    assert turns.at(one(SHANGHAI, layer(ANNA, BEN, CARA)), instant) == named


def test_turns_of_a_week_keep_their_weekday():
    rota = one(PARIS, layer(ANNA, BEN, days=7))
    window = Interval(utc(23, 8), utc(22, 8, month=12))
    found = turns.spans(rota, window)
    assert [span.names for span in found] == [(ANNA,), (BEN,)] * 2 + [(ANNA,)]
    for span in found:
        local = span.interval.start.astimezone(PARIS)
        assert (local.isoweekday(), local.time()) == (1, time(9))


def test_a_turn_lasts_23_or_25_hours_where_the_clocks_change():
    spring = one(PARIS, layer(ANNA, BEN, start=date(2026, 3, 27)))
    autumn = one(PARIS, layer(ANNA, BEN, start=date(2026, 10, 23)))
    for rota, day, month, hours in ((spring, 28, 3, 23), (autumn, 24, 10, 25)):
        begin = utc(day, 7 if month == 10 else 8, month=month)
        [turn] = turns.spans(rota, Interval(begin, begin + timedelta(hours=hours)))
        assert turn.names == (BEN,)
        assert turns.at(rota, turn.interval.end) == (ANNA,)
        assert turns.at(rota, begin - timedelta(seconds=1)) == (ANNA,)


def test_a_hand_over_that_is_left_out_is_as_late_as_by_the_clock_before():
    rota = one(PARIS, layer(ANNA, BEN, start=date(2026, 3, 28), hand_over=time(2, 30)))
    assert turns.at(rota, utc(29, 1, 29, month=3)) == (ANNA,)
    assert turns.at(rota, utc(29, 1, 30, month=3)) == (BEN,)  # 03:30 by the new clock
    assert turns.at(rota, utc(30, 0, 29, month=3)) == (BEN,)
    assert turns.at(rota, utc(30, 0, 30, month=3)) == (ANNA,)


def test_a_hand_over_that_comes_twice_is_the_first_of_the_two():
    start = date(2026, 10, 24)
    rota = one(PARIS, layer(ANNA, BEN, start=start, hand_over=time(2, 30)))
    assert turns.at(rota, utc(25, 0, 29, month=10)) == (ANNA,)
    assert turns.at(rota, utc(25, 0, 30, month=10)) == (BEN,)
    assert turns.at(rota, utc(25, 1, 30, month=10)) == (BEN,)  # 02:30 once more
    assert turns.at(rota, utc(26, 1, 30, month=10)) == (ANNA,)


def test_the_turn_of_a_day_that_never_was_is_empty():
    start, zone = date(2011, 12, 28), APIA
    rota = one(zone, layer(ANNA, BEN, CARA, DAN, start=start, hand_over=time(8)))
    window = Interval(
        instants.wall(start, time(8), zone),
        instants.wall(date(2012, 1, 1), time(8), zone),
    )
    found = turns.spans(rota, window)
    assert [span.names for span in found] == [(ANNA,), (BEN,), (DAN,)]


@pytest.mark.parametrize(
    ("local", "named"),
    [
        ("2026-11-23T17:59", (BEN,)),
        ("2026-11-23T18:00", (ANNA, BEN)),
        ("2026-11-24T07:59", (ANNA, BEN)),
        ("2026-11-24T08:00", (BEN,)),
        ("2026-11-28T07:59", (ANNA, BEN)),  # the night that began on Friday
        ("2026-11-28T20:00", (BEN,)),
        ("2026-11-30T07:59", (BEN,)),  # no night begins on Sunday
    ],
)
def test_a_layer_names_people_in_its_hours_only(local, named):
    night = Layer((ANNA,), MONDAY, time(0), 1, NIGHT)
    rota = Rota(SHANGHAI, (night, layer(BEN, hand_over=time(0))))
    instant = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert turns.at(rota, instant) == named


def test_the_same_time_twice_is_a_whole_day():
    sunday = Hours(frozenset({7}), time(6), time(6))
    rota = one(SHANGHAI, Layer((ANNA,), MONDAY, time(0), 1, sunday))
    start = instants.wall(date(2026, 11, 29), time(6), SHANGHAI)
    window = Interval(start - timedelta(days=1), start + timedelta(days=2))
    found = [span for span in turns.spans(rota, window) if span.names]
    assert [span.interval for span in found] == [Interval(start, start + turns.DAY)]


def test_an_override_takes_its_span_and_those_below_stay_behind_it():
    taken = Override(CARA, Interval(utc(24, 2), utc(24, 3)))
    rota = one(SHANGHAI, layer(ANNA, BEN), taken)
    window = Interval(utc(24, 1), utc(25, 1))
    assert [span.names for span in turns.spans(rota, window)] == [
        (BEN,),
        (CARA, BEN),
        (BEN,),
    ]


def test_overrides_that_touch_do_not_clash():
    taken = [Override(CARA, Interval(utc(24, 2), utc(24, 3)))]
    assert turns.clashing(taken, Interval(utc(24, 3), utc(24, 4))) == []
    assert turns.clashing(taken, Interval(utc(24, 1), utc(24, 2))) == []
    for hours in ((1, 4), (2, 3)):
        span = Interval(utc(24, hours[0]), utc(24, hours[1]))
        assert turns.clashing(taken, span) == taken


zones = st.sampled_from([PARIS, SHANGHAI, LORD_HOWE, ZoneInfo("America/St_Johns")])
times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
people = st.lists(st.sampled_from([ANNA, BEN, CARA, DAN]), min_size=1, max_size=5).map(
    tuple
)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
hours = st.builds(Hours, st.frozensets(st.integers(1, 7), min_size=1), times, times)
layers = st.builds(Layer, people, days, times, st.integers(1, 15), st.none() | hours)
windows = st.builds(
    lambda day, at, minutes: Interval(
        datetime.combine(day, at, UTC),
        datetime.combine(day, at, UTC) + timedelta(minutes=minutes),
    ),
    days,
    times,
    st.integers(1, 30 * 1440),
)
overrides = st.lists(
    st.builds(Override, st.sampled_from([CARA, DAN]), windows), max_size=3
)
rotas = st.builds(
    Rota, zones, st.lists(layers, max_size=4).map(tuple), overrides.map(tuple)
)


@given(rotas, windows, st.data())
def test_spans_tile_the_window_and_say_what_each_instant_says(rota, window, data):
    found = turns.spans(rota, window)
    assert found[0].interval.start == window.start
    assert found[-1].interval.end == window.end
    for left, right in pairwise(found):
        assert left.interval.end == right.interval.start
        assert left.names != right.names
    seconds = int(window.length.total_seconds())
    second = data.draw(st.integers(0, seconds - 1))
    instant = window.start + timedelta(seconds=second)
    [over] = [span for span in found if span.interval.contains(instant)]
    assert over.names == turns.at(rota, instant)


@given(layers, zones, days, times)
def test_of_a_layer_one_person_has_every_instant_and_turns_follow_in_order(
    layer, zone, day, at
):
    always = Layer(
        layer.participants, layer.starts_on, layer.hand_over, layer.turn_days
    )
    instant = datetime.combine(day, at, UTC)
    # brute force: count the hand-overs that have been
    begun = -1
    while begun < 400:
        first = layer.starts_on + (begun + 1) * layer.turn_days * turns.DAY
        if instants.wall(first, layer.hand_over, zone) > instant:
            break
        begun += 1
    expected = (
        layer.participants[begun % len(layer.participants)] if begun >= 0 else None
    )
    assert turns.on_turn(always, zone, instant) == expected
    assert turns.on_turn(layer, zone, instant) in (expected, None)


@given(rotas, days, times)
def test_an_override_wins_and_a_layer_above_wins_over_those_below(rota, day, at):
    instant = datetime.combine(day, at, UTC)
    named = turns.at(rota, instant)
    taken = [one.user_id for one in rota.overrides if one.span.contains(instant)]
    each = [turns.on_turn(one, rota.zone, instant) for one in rota.layers]
    expected = next((one for one in (*taken, *each) if one is not None), None)
    assert next(iter(named), None) == expected
    assert set(named) == {*taken, *each} - {None}


@given(layers, zones)
def test_hand_overs_stay_at_their_local_time_but_where_that_is_left_out(layer, zone):
    for number in range(40):
        day = layer.starts_on + number * layer.turn_days * turns.DAY
        found = instants.wall(day, layer.hand_over, zone)
        local = found.astimezone(zone)
        jumped = local.time() != layer.hand_over
        late = datetime.combine(day, local.time()) - datetime.combine(
            day, layer.hand_over
        )
        assert local.date() == day or jumped
        assert not jumped or timedelta(0) < late <= timedelta(hours=1)
