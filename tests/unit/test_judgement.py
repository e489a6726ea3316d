"""The truth table of the borrower's check."""

from datetime import UTC, datetime, timedelta

import pytest

from core.instants import Interval
from core.words import CheckAnswer, VisitState
from credentials import judgement
from credentials.judgement import Circumstances

START = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
WINDOW = Interval(START, START + timedelta(minutes=30))
NOW, NOT_NOW, NOT_VALID = (
    CheckAnswer.EXPECTED_NOW,
    CheckAnswer.NOT_NOW,
    CheckAnswer.NOT_VALID,
)
SECOND = timedelta(seconds=1)
MARGIN = timedelta(minutes=30)


def judge(at: datetime, **facts: object) -> CheckAnswer:
    """The answer for a live code of a published visit, but for ``facts``."""
    usual = {
        "code_live": True,
        "visit": VisitState.PUBLISHED,
        "window": WINDOW,
        "visitors_valid": True,
        "someone_there": False,
    }
    return judgement.answer(Circumstances(**{**usual, **facts}), now=at)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - MARGIN - SECOND, NOT_NOW),
        (START - MARGIN, NOW),
        (START, NOW),
        (WINDOW.end, NOW),
        (WINDOW.end + MARGIN - SECOND, NOW),
        (WINDOW.end + MARGIN, NOT_NOW),
    ],
)
def test_expected_from_half_an_hour_before_to_half_an_hour_after(
    at: datetime, expected: CheckAnswer
) -> None:
    assert judge(at) is expected


def test_a_visit_under_way_is_expected_however_late_it_is() -> None:
    late = WINDOW.end + timedelta(hours=5)
    assert judge(late, visit=VisitState.UNDER_WAY, someone_there=True) is NOW
    assert judge(late) is NOT_NOW


@pytest.mark.parametrize(
    "state",
    [
        VisitState.PROPOSED,
        VisitState.ASSIGNED,
        VisitState.DONE,
        VisitState.CANCELLED,
    ],
)
def test_only_a_published_visit_or_one_under_way_is_vouched_for(
    state: VisitState,
) -> None:
    assert judge(START, visit=state) is NOT_VALID


@pytest.mark.parametrize("fact", ["code_live", "visitors_valid"])
@pytest.mark.parametrize("state", [VisitState.PUBLISHED, VisitState.UNDER_WAY])
@pytest.mark.parametrize("at", [START, START - timedelta(days=1)])
def test_a_dead_code_or_a_visitor_without_standing_is_not_valid(
    fact: str, state: VisitState, at: datetime
) -> None:
    assert judge(at, visit=state, **{fact: False}) is NOT_VALID


def test_badges_are_judged_at_the_visit_until_it_is_near_and_now_from_then() -> None:
    early, near = START - timedelta(days=1), START - MARGIN
    assert judgement.judged_at(WINDOW, early) == START
    assert judgement.judged_at(WINDOW, near) == near
    assert judgement.judged_at(WINDOW, WINDOW.end) == WINDOW.end
