"""The ladder: which step comes now, and when the next one follows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import AlertKind
from safety import ladder, policies, whom
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
        (0, 0, (whom.COLLECTOR,), 150),
        (1, 150, (whom.COLLECTOR,), 300),
        (2, 300, (whom.BUDDY, whom.NEAREST_TWO), 600),
        (3, 600, (whom.ON_CALL,), 900),
        (4, 900, (whom.ALL_SAFETY_OFFICERS,), 1080),
        (5, 1080, (whom.ALL_SAFETY_OFFICERS,), 1260),
        (6, 1260, (whom.ALL_SAFETY_OFFICERS,), 1440),
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
    assert found.recipients == (whom.ON_CALL,)
    assert found.next_at == at(900 + 300)
    after = move(found.step, 1200, ladder_from=found.ladder_from)
    assert after is not None
    assert after.recipients == (whom.ALL_SAFETY_OFFICERS,)


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


def test_a_ladder_that_an_older_program_froze_thaws_to_the_same():
    old = {
        "repeat_s": 180,
        "lease_s": 600,
        "steps": [
            {"delay_s": 0, "recipients": ["collector"]},
            {"delay_s": 150, "recipients": ["collector"]},
            {"delay_s": 300, "recipients": ["buddy", "nearest_two"]},
            {"delay_s": 600, "recipients": ["on_call"]},
            {"delay_s": 900, "recipients": ["all_safety_officers"]},
        ],
    }
    assert ladder.thaw(old) == STANDARD
    again = STANDARD.as_json()["steps"]
    assert isinstance(again, list)
    assert [{**step, "whom": None} for step in again] == [
        {**step, "whom": None}
        for step in old["steps"]  # type: ignore[attr-defined]
    ]


def test_whatever_the_last_step_names_its_repeat_reaches_all_safety_officers():
    lonely = Ladder((Step(0, (whom.COLLECTOR,)), Step(60, (whom.BUDDY,))), 180, 60)
    first, repeat = (
        ladder.next_move(
            lonely, step=step, ladder_from=OPENED, owned_until=None, now=at(60)
        )
        for step in (1, 2)
    )
    assert first is not None
    assert repeat is not None
    assert first.recipients == (whom.BUDDY,)
    assert repeat.recipients == (whom.BUDDY, whom.ALL_SAFETY_OFFICERS)
    assert repeat.next_at == at(60 + 180)


junk = st.none() | st.integers() | st.text(max_size=5) | st.booleans()
frozen_steps = st.dictionaries(
    st.sampled_from(["delay_s", "recipients", "whom"]),
    junk | st.lists(junk, max_size=2),
)
frozen = st.dictionaries(
    st.sampled_from(["steps", "repeat_s", "lease_s"]),
    junk | st.lists(frozen_steps | junk, max_size=4),
)


@given(frozen | junk, st.integers(0, 9))
def test_whatever_the_data_say_the_ladder_protects(data, step):
    found = ladder.thaw(data)
    assert found.steps
    assert found.repeat_s in ladder.REPEAT_S
    assert found.lease_s in ladder.LEASE_S
    assert all(0 <= one.delay_s <= ladder.LAST_START_S for one in found.steps)
    result = ladder.next_move(
        found, step=step, ladder_from=OPENED, owned_until=None, now=at(3600)
    )
    assert result is not None
    assert result.next_at <= at(3600 + 300)
    if step >= len(found.steps):
        assert whom.ALL_SAFETY_OFFICERS in result.recipients


steps = st.lists(st.integers(1, 1800), min_size=0, max_size=6, unique=True).map(
    lambda delays: tuple(Step(delay, (whom.ON_CALL,)) for delay in [0, *sorted(delays)])
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
