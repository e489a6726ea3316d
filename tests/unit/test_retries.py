"""What follows a failed attempt, lane by lane."""

from datetime import UTC, datetime, timedelta

import pytest

from contact import retries
from contact.retries import Failed, Next
from core.words import Lane, MessageState

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PENDING, GIVEN_UP = MessageState.PENDING, MessageState.FAILED


def after(**facts: object) -> Next:
    """What follows a first, temporary failure on the first of two channels."""
    usual = {
        "lane": Lane.ORDINARY,
        "attempt": 1,
        "permanent": False,
        "alert_open": False,
        "ranks": [3, 7],
        "tried": 3,
    }
    given = {**usual, **facts}
    tried = given["tried"]
    turns = frozenset(rank for rank in given["ranks"] if tried and rank < tried)
    return retries.after(Failed(**{"before": turns, **given}), now=NOW)


def in_s(seconds: int) -> datetime:
    """So many seconds from ``NOW``."""
    return NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (9, 60)],
)
def test_an_ordinary_message_stays_with_its_channel_and_backs_off(
    attempt: int, seconds: int
) -> None:
    assert after(attempt=attempt) == Next(PENDING, 3, in_s(seconds))


def test_a_permanent_failure_goes_to_the_next_channel_at_once() -> None:
    for lane in Lane:
        assert after(lane=lane, permanent=True) == Next(PENDING, 7, NOW, (3,))


def test_an_ordinary_message_refused_for_good_by_the_last_channel_is_given_up() -> None:
    assert after(permanent=True, tried=7).state is GIVEN_UP


def test_after_ten_attempts_the_next_channel_is_tried_and_after_the_last_none() -> None:
    assert after(attempt=10) == Next(PENDING, 7, NOW, (3,))
    assert after(attempt=11, tried=7).state is GIVEN_UP


@pytest.mark.parametrize("lane", [Lane.ALERT, Lane.SOS])
def test_an_alarm_goes_to_the_next_channel_at_once_whatever_failed(lane: Lane) -> None:
    assert after(lane=lane, alert_open=True) == Next(PENDING, 7, NOW, (3,))


@pytest.mark.parametrize("lane", [Lane.ALERT, Lane.SOS])
@pytest.mark.parametrize("permanent", [True, False])
@pytest.mark.parametrize("attempt", [2, 10, 1000])
def test_an_alarm_starts_again_after_the_last_channel_and_is_never_given_up(
    lane: Lane, permanent: bool, attempt: int
) -> None:
    after_last = after(
        lane=lane, alert_open=True, tried=7, attempt=attempt, permanent=permanent
    )
    assert after_last == Next(PENDING, 3, in_s(5))


@pytest.mark.parametrize(
    ("attempt", "permanent", "state"),
    [
        (9, True, PENDING),
        (10, True, GIVEN_UP),
        (10, False, PENDING),
        (99, False, PENDING),
        (100, False, GIVEN_UP),
    ],
)
def test_an_urgent_message_without_an_open_alert_goes_round_for_a_while(
    attempt: int, permanent: bool, state: MessageState
) -> None:
    tried = after(lane=Lane.ALERT, tried=7, attempt=attempt, permanent=permanent)
    assert (tried.state, tried.channel_rank) == (state, 3)


def test_without_any_channel_an_alarm_waits_five_seconds_and_the_rest_backs_off() -> (
    None
):
    alone = {"ranks": [], "tried": None}
    alarm = after(lane=Lane.SOS, alert_open=True, **alone)
    assert alarm == Next(PENDING, 0, in_s(5))
    assert after(**alone, attempt=3) == Next(PENDING, 0, in_s(8))
    assert after(**alone, attempt=1000).state is PENDING


def test_an_ordinary_message_goes_round_until_its_visit_begins() -> None:
    late = {"attempt": 50, "tried": 7}
    assert after(**late, until=in_s(1)) == Next(PENDING, 3, in_s(60))
    assert after(**late, until=NOW).state is GIVEN_UP
    assert after(attempt=2, tried=7, until=NOW).state is PENDING
    assert after(tried=7, permanent=True, until=in_s(1)).state is GIVEN_UP
    assert after(ranks=[], tried=None, until=NOW).state is GIVEN_UP
