"""The grammar of weekly hours."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.law import DAYS
from planning import wish_hours

DAY = 24 * 60


def test_a_run_of_days_and_a_single_day_become_minutes_from_monday():
    assert wish_hours.parse("mon-tue 18:00-20:00; sat 10:00-12:00") == (
        (18 * 60, 20 * 60),
        (DAY + 18 * 60, DAY + 20 * 60),
        (5 * DAY + 600, 5 * DAY + 720),
    )


def test_a_run_may_pass_sunday():
    spans = wish_hours.parse("sat-mon 09:00-10:00")
    assert [start // DAY for start, _ in spans] == [0, 5, 6]


def test_touching_and_overlapping_hours_are_joined():
    text = "mon 10:00-24:00; tue 00:00-01:00; mon 09:00-11:00"
    assert wish_hours.parse(text) == ((540, DAY + 60),)


def test_nothing_wished_is_no_span():
    assert wish_hours.parse("  ") == ()


@pytest.mark.parametrize(
    "text",
    [
        "monday",
        "mon 18:00",
        "mon 20:00-18:00",
        "mon 18:00-18:00",
        "mon 23:00-24:01",
        "mon 25:00-26:00",
        "mon 8:00-9:00",
        "Mon 18:00-20:00",
        "mon-thu 18:00-20:00;",
        "mon,tue 18:00-20:00",
        "never",
        "mon １８:00-20:00",
    ],
)
def test_anything_else_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match=r"^(must read|hours must)") as caught:
        wish_hours.parse(text)
    assert text not in str(caught.value)


minutes = st.integers(0, DAY)


@st.composite
def entries(draw):
    day = draw(st.integers(0, 6))
    start, end = sorted(
        draw(st.tuples(minutes, minutes).filter(lambda p: p[0] != p[1]))
    )
    return day, start, end


@given(st.lists(entries(), min_size=1, max_size=8))
def test_every_wished_minute_is_in_exactly_one_span(wished):
    text = "; ".join(
        f"{DAYS[day]} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
        for day, start, end in wished
    )
    spans = wish_hours.parse(text)
    covered = [minute for start, end in spans for minute in range(start, end)]
    expected = {
        day * DAY + minute for day, start, end in wished for minute in range(start, end)
    }
    assert covered == sorted(expected)
    assert all(a[1] < b[0] for a, b in pairwise(spans))
