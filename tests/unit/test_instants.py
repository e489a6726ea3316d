"""Intervals: half-open, never empty, and a small algebra over them."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import instants
from core.instants import Interval

START = datetime(2026, 11, 24, tzinfo=UTC)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda pair: Interval(at(pair[0]), at(pair[0] + pair[1]))
    ),
    max_size=6,
)


def minutes(found: list[Interval]) -> set[int]:
    """Brute force: the minutes that begin inside."""
    return {m for m in range(100) if any(one.contains(at(m)) for one in found)}


def test_an_interval_is_half_open():
    span = Interval(at(0), at(10))
    assert span.contains(at(0))
    assert not span.contains(at(10))


def test_empty_and_naive_intervals_are_refused():
    with pytest.raises(ValueError, match="must be before"):
        Interval(at(1), at(1))
    with pytest.raises(ValueError, match="aware"):
        Interval(at(1).replace(tzinfo=None), at(2))


@given(spans, spans)
def test_the_algebra_agrees_with_counting_minutes(left, right):
    assert minutes(instants.union(left)) == minutes(left)
    assert minutes(instants.intersect(left, right)) == minutes(left) & minutes(right)
    assert minutes(instants.subtract(left, right)) == minutes(left) - minutes(right)


@given(spans)
def test_a_union_is_ascending_and_apart(found):
    joined = instants.union(found)
    assert all(a.end < b.start for a, b in pairwise(joined))


def test_an_unknown_zone_is_named():
    with pytest.raises(ValueError, match="Nowhere"):
        instants.zone("Nowhere/Land")
