"""A place's memory: which level is in force, by its rows and the instant alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import Harm, IncidentCategory, MarkKind, RiskLevel
from gate import risk
from gate.risk import MEASURES, Mark

START = datetime(2026, 11, 24, 2, tzinfo=UTC)
DAY = timedelta(days=1)
NORMAL, RAISED = RiskLevel.NORMAL, RiskLevel.RAISED
HIGH, NO_VISIT = RiskLevel.HIGH, RiskLevel.NO_VISIT
HOME, OFFICE = UUID(int=1), UUID(int=2)
numbers = count(10)


def mark(
    kind: MarkKind, level: RiskLevel, day: float, lasts: float | None, **more: UUID
) -> Mark:
    at = START + day * DAY
    ends_at = None if lasts is None else at + lasts * DAY
    place = more.pop("place_id", HOME)
    number = int(day * 1000) + next(numbers)  # as they come, one after the other
    return Mark(UUID(int=number), place, number, kind, level, at, ends_at, **more)


def concern(day: float, lasts: float = 180, **more: UUID) -> Mark:
    return mark(MarkKind.CONCERN, RAISED, day, lasts, **more)


def incident(day: float, level: RiskLevel, lasts: float = 365) -> Mark:
    return mark(MarkKind.INCIDENT, level, day, lasts)


def review(day: float, level: RiskLevel, lasts: float | None) -> Mark:
    return mark(MarkKind.REVIEW, level, day, lasts)


def correction(of: Mark, day: float, level: RiskLevel, lasts: float | None) -> Mark:
    kind = MarkKind.CORRECTION
    return mark(kind, level, day, lasts, corrects_id=of.id, place_id=of.place_id)


def at(day: float) -> datetime:
    return START + day * DAY


FIRST = concern(0)
CASES = {
    "nothing is marked": ([], {0: NORMAL}),
    "a concern raises at once": ([concern(0)], {-1: NORMAL, 0: RAISED, 179: RAISED}),
    "and no longer than its time": ([concern(0)], {180: NORMAL, 400: NORMAL}),
    "two concerns ask for more": ([concern(0), concern(5)], {4: RAISED, 5: HIGH}),
    "while both hold": (
        [concern(0), concern(170)],
        {179: HIGH, 180: RAISED, 349: RAISED, 350: NORMAL},
    ),
    "two that never hold together do not": (
        [concern(0, 10), concern(20, 10)],
        {5: RAISED, 15: NORMAL, 25: RAISED},
    ),
    "an incident asks for its own level": ([incident(0, NO_VISIT)], {0: NO_VISIT}),
    "the higher of two holds": (
        [incident(0, HIGH, 10), concern(0)],
        {5: HIGH, 10: RAISED},
    ),
    "a review lowers what was marked before": (
        [incident(0, NO_VISIT), concern(1), concern(2), review(3, RAISED, 30)],
        {2: NO_VISIT, 3: RAISED, 32: RAISED, 33: NORMAL},
    ),
    "or ends it": ([concern(0), concern(1), review(3, NORMAL, None)], {3: NORMAL}),
    "or raises it": ([concern(0), review(1, NO_VISIT, 60)], {0: RAISED, 1: NO_VISIT}),
    "it does not answer what comes later": (
        [concern(0), review(1, NORMAL, None), concern(2)],
        {1: NORMAL, 2: RAISED},
    ),
    "what was answered does not count with what comes later": (
        [concern(0), review(1, NORMAL, None), concern(2), concern(3)],
        {2: RAISED, 3: HIGH},
    ),
    "the newest review holds": (
        [review(0, NO_VISIT, 90), review(1, NORMAL, None)],
        {0: NO_VISIT, 1: NORMAL},
    ),
    "a correction takes a mark out": (
        [FIRST, correction(FIRST, 1, NORMAL, None)],
        {0: RAISED, 1: NORMAL},
    ),
    "or gives it another level and end": (
        [FIRST, correction(FIRST, 1, HIGH, 10)],
        {0: RAISED, 1: HIGH, 10: HIGH, 11: NORMAL},
    ),
    "the last correction holds": (
        [FIRST, correction(FIRST, 1, NORMAL, None), correction(FIRST, 2, HIGH, 9)],
        {1: NORMAL, 2: HIGH},
    ),
    "what was taken out is not the second concern": (
        [FIRST, concern(1), correction(FIRST, 2, NORMAL, None)],
        {1: HIGH, 2: RAISED},
    ),
    "two places are judged apart": (
        [concern(0), concern(1, place_id=OFFICE)],
        {1: RAISED},
    ),
    "a review of one place answers nothing of another": (
        [
            concern(0),
            mark(MarkKind.REVIEW, NORMAL, 1, None, place_id=OFFICE),
        ],
        {1: RAISED},
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_the_level_in_force(name: str) -> None:
    marks, expected = CASES[name]
    found = {day: risk.in_force(marks, at(day)) for day in expected}
    assert found == expected


MARKS = st.lists(
    st.tuples(
        st.sampled_from([MarkKind.CONCERN, MarkKind.INCIDENT, MarkKind.REVIEW]),
        st.sampled_from(list(RiskLevel)),
        st.integers(0, 30),
        st.integers(1, 40),
    ).map(lambda one: mark(one[0], one[1], one[2], one[3])),
    max_size=8,
)


@given(MARKS, st.integers(0, 60), st.randoms())
def test_the_order_of_the_rows_makes_no_difference(marks, day, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = random.sample(marks, len(marks))
    assert risk.in_force(shuffled, at(day)) is risk.in_force(marks, at(day))


@given(MARKS, st.integers(0, 60))
def test_what_is_marked_later_changes_nothing_of_now(marks, day) -> None:  # type: ignore[no-untyped-def]
    known = [one for one in marks if one.at <= at(day)]
    assert risk.in_force(known, at(day)) is risk.in_force(marks, at(day))


@given(MARKS, st.integers(0, 60))
def test_a_further_concern_never_lowers(marks, day) -> None:  # type: ignore[no-untyped-def]
    before = risk.in_force(marks, at(day))
    after = risk.in_force([*marks, concern(day)], at(day))
    assert risk.RANK[after] >= max(risk.RANK[before], risk.RANK[RAISED])


@given(MARKS, st.sampled_from(list(RiskLevel)))
def test_right_after_a_review_its_level_is_in_force(marks, level) -> None:  # type: ignore[no-untyped-def]
    reviewed = [*marks, review(31, level, 30)]
    assert risk.in_force(reviewed, at(31)) is level
    assert risk.waiting(reviewed, at(31)) == ()


@given(MARKS)
def test_nothing_holds_for_ever(marks) -> None:  # type: ignore[no-untyped-def]
    assert risk.in_force(marks, at(100)) is NORMAL


def test_each_level_asks_for_all_that_the_one_before_asks_for() -> None:
    pairs = [(RAISED, HIGH)]
    for lower, higher in pairs:
        less, more = MEASURES[lower], MEASURES[higher]
        assert (less.pair, less.not_last) <= (more.pair, more.not_last)
        assert less.at_most is not None
        assert more.at_most is not None
        assert more.at_most < less.at_most
    assert MEASURES[NO_VISIT].no_visit
    assert MEASURES[NORMAL] == risk.Measures()


@pytest.mark.parametrize(
    ("category", "harm", "level"),
    [
        ("threat", "none", RAISED),
        ("threat", "shaken", RAISED),
        ("threat", "injured", HIGH),
        ("assault", "none", NO_VISIT),
        ("weapon", "none", NO_VISIT),
        ("held", "shaken", NO_VISIT),
        ("robbery", "none", HIGH),
        ("harassment", "shaken", HIGH),
        ("animal", "none", RAISED),
        ("animal", "injured", HIGH),
        ("animal", "severe", NO_VISIT),
        ("other", "death", NO_VISIT),
        ("accident", "severe", NORMAL),
        ("illness", "death", NORMAL),
    ],
)
def test_what_an_incident_asks_for(category: str, harm: str, level: RiskLevel) -> None:
    assert risk.of_incident(IncidentCategory(category), Harm(harm)) is level


def test_what_waits_for_a_review() -> None:
    taken_out = concern(1)
    later = concern(5)
    marks = [concern(0), review(0.5, NORMAL, None), taken_out, later]
    marks.append(correction(taken_out, 2, NORMAL, None))
    assert risk.waiting(marks, at(5)) == (later,)
    assert risk.waiting(marks, at(4)) == ()
    assert risk.waiting([replace(later, place_id=OFFICE)], at(5))[0].place_id == OFFICE
