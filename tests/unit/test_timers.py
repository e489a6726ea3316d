"""Dues, and the true time of what a phone reports."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.words import WatchState
from safety import states, timers

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
offsets = st.timedeltas(timedelta(days=-400), timedelta(days=400))


@given(offsets, st.timedeltas(timedelta(0), timedelta(hours=71)))
def test_a_wrong_phone_clock_does_not_move_what_happened(offset, age):
    sent = NOW + offset
    happened = timers.happened_at(received=NOW, occurred=sent - age, sent=sent)
    assert happened == NOW - age


@given(offsets, offsets)
def test_nothing_happens_in_the_future_or_before_three_days(occurred, sent):
    happened = timers.happened_at(
        received=NOW, occurred=NOW + occurred, sent=NOW + sent
    )
    assert NOW - timers.OLDEST <= happened <= NOW


def test_without_the_instant_of_sending_an_act_counts_as_just_received():
    early = NOW - timedelta(hours=2)
    assert timers.happened_at(received=NOW, occurred=early, sent=None) == NOW


@given(offsets)
def test_without_the_instant_of_sending_a_check_in_counts_as_early_as_it_can(offset):
    happened = timers.happened_at(
        received=NOW, occurred=NOW + offset, sent=None, earliest=True
    )
    assert happened == max(NOW - timers.OLDEST, min(NOW, NOW + offset))


def test_the_first_due_is_cut_to_the_lawful_window():
    end = NOW + timedelta(minutes=10)
    due = timers.first_due(started=NOW, length=HALF_HOUR, window_end=end)
    assert due == end


def test_the_first_due_is_never_the_planned_end():
    due = timers.first_due(started=NOW, length=HALF_HOUR, window_end=None)
    assert due == NOW + HALF_HOUR


def test_an_extension_adds_to_the_due():
    due = timers.extended_due(
        due=NOW + HALF_HOUR, now=NOW, by=HALF_HOUR, window_end=None
    )
    assert due == NOW + 2 * HALF_HOUR


def test_an_extension_after_the_due_adds_to_now():
    due = timers.extended_due(
        due=NOW - HALF_HOUR, now=NOW, by=HALF_HOUR, window_end=None
    )
    assert due == NOW + HALF_HOUR


def test_the_end_of_the_window_leaves_nothing_to_extend():
    due = timers.extended_due(due=NOW, now=NOW, by=HALF_HOUR, window_end=NOW)
    assert due is None


def test_a_closed_watch_never_moves_again():
    for act in states.Act:
        assert states.advance(WatchState.CLOSED, act) is None


def test_only_a_pin_a_person_or_the_sentinel_takes_a_watch_out_of_overdue():
    ways = {act for (state, act) in states.TABLE if state is WatchState.OVERDUE}
    assert ways == {
        states.Act.EXTEND,
        states.Act.CHECK_OUT,
        states.Act.SUPERSEDE,
        states.Act.CLOSE_BY_PERSON,
        states.Act.REARM_BY_PERSON,
        states.Act.REVIVE,
    }
