"""The ladder: which step comes now, and when the next one follows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import AlertKind, Recipient
from safety import ladder, policies
from safety.ladder import Ladder, Step

OPENED = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
STANDARD = policies.STANDARD[AlertKind.OVERDUE]


def at(seconds: float) -> datetime:
    return OPENED + timedelta(seconds=seconds)


def move(step: int, seconds: float, owned_until=None, ladder_from=OPENED):
    return ladder.next_move(
        STANDARD,
        step=step,
        ladder_from=ladder_from,
        owned_until=owned_until,
        now=at(seconds),
    )


@pytest.mark.parametrize(
    ("step", "seconds", "recipients", "next_at"),
    [
        (0, 0, (Recipient.COLLECTOR,), 150),
        (1, 150, (Recipient.COLLECTOR,), 300),
        (2, 300, (Recipient.BUDDY, Recipient.NEAREST_TWO), 600),
        (3, 600, (Recipient.ON_CALL,), 900),
        (4, 900, (Recipient.ALL_SAFETY_OFFICERS,), 1080),
        (5, 1080, (Recipient.ALL_SAFETY_OFFICERS,), 1260),
        (6, 1260, (Recipient.ALL_SAFETY_OFFICERS,), 1440),
    ],
)
def test_standard_steps_come_when_product_md_says(step, seconds, recipients, next_at):
    found = move(min(step, 5), seconds)
    assert found is not None
    assert found.recipients == recipients
    assert found.next_at == at(next_at)


def test_a_late_step_does_not_put_off_the_ones_after_it():
    found = move(0, 1200)
    assert found is not None
    assert found.next_at == at(150)  # past: the worker runs it at once


def test_an_owned_alert_waits():
    assert move(1, 200, owned_until=at(201)) is None


def test_an_expired_lease_goes_on_above_and_keeps_the_distances():
    found = move(3, 900, owned_until=at(900))
    assert found is not None
    assert found.lease_expired
    assert found.recipients == (Recipient.ON_CALL,)
    assert found.next_at == at(900 + 300)
    after = move(found.step, 1200, ladder_from=found.ladder_from)
    assert after is not None
    assert after.recipients == (Recipient.ALL_SAFETY_OFFICERS,)


def test_a_step_that_reaches_nobody_is_followed_at_once():
    found = move(2, 300)
    assert found is not None
    assert ladder.after_nobody(STANDARD, found, at(300)) == at(300)


def test_the_last_step_repeats_even_when_it_reaches_nobody():
    found = move(4, 900)
    assert found is not None
    assert ladder.after_nobody(STANDARD, found, at(900)) == at(1080)


def test_a_frozen_ladder_thaws_to_the_same():
    assert ladder.thaw(STANDARD.as_json()) == STANDARD


steps = st.lists(st.integers(1, 1800), min_size=0, max_size=6, unique=True).map(
    lambda delays: tuple(
        Step(delay, (Recipient.ON_CALL,)) for delay in [0, *sorted(delays)]
    )
)


@given(steps, st.integers(1, 300), st.integers(0, 50), st.floats(0, 10_000))
def test_an_unowned_alert_always_has_a_next_action(found, repeat_s, step, seconds):
    result = ladder.next_move(
        Ladder(found, repeat_s, 60),
        step=step,
        ladder_from=OPENED,
        owned_until=None,
        now=at(seconds),
    )
    assert result is not None
    assert result.recipients
    assert result.next_at <= at(max(seconds, 1800) + 300)
    assert result.step > min(step, len(found) - 1)
