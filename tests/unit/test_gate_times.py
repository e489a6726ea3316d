"""Wishes, consents to the night, the next lawful instant and openings."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.instants import Interval
from core.words import ConsentKind, PlaceKind
from gate import rules
from gate.facts import Facts, Period, Wished
from tests.unit.gate_facts import (
    HOURS,
    LONG_AGO,
    SECOND,
    VISIT,
    agreed,
    at,
    decide,
    half_hour,
    refused_by,
)

TUESDAY = 1440
EVENING = Wished(only=True, spans=((TUESDAY + 18 * 60, TUESDAY + 20 * 60),))
NO_LUNCH = Wished(only=False, spans=((TUESDAY + 12 * 60, TUESDAY + 14 * 60),))


@pytest.mark.parametrize(
    ("wishes", "start", "refusals"),
    [
        ((EVENING,), at(18) - SECOND, ["GATE-WISH"]),
        ((EVENING,), at(18), []),
        ((EVENING,), at(19, 30), []),
        ((EVENING,), at(19, 30) + SECOND, ["GATE-WISH"]),
        ((NO_LUNCH,), at(11, 30), []),
        ((NO_LUNCH,), at(11, 30) + SECOND, ["GATE-WISH"]),
        ((NO_LUNCH,), at(14) - SECOND, ["GATE-WISH"]),
        ((NO_LUNCH,), at(14), []),
        ((EVENING, NO_LUNCH), at(18), []),
        ((EVENING, NO_LUNCH), at(14), ["GATE-WISH"]),
    ],
)
def test_wishes_bind_to_the_second(
    wishes: tuple[Wished, ...], start: datetime, refusals: list[str]
) -> None:
    facts = replace(VISIT, wishes=wishes, interval=half_hour(start))
    assert refused_by(facts) == refusals


def test_a_consent_opens_the_night_and_moves_the_end_of_the_window() -> None:
    night = agreed(ConsentKind.OUTSIDE_HOURS, Period(LONG_AGO, at(23)))
    late = replace(VISIT, agreements=(night,), interval=half_hour(at(22, 30)))
    assert refused_by(late) == []
    assert decide(late).window_end == at(23)
    too_late = replace(late, interval=half_hour(at(22, 45)))
    assert refused_by(too_late) == HOURS


def test_outside_the_hours_there_is_no_window_end() -> None:
    assert decide(replace(VISIT, interval=half_hour(at(22)))).window_end is None


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "now", "expected"),
    [
        (at(23), LONG_AGO, at(8) + DAY),
        (at(21, 31), LONG_AGO, at(8) + DAY),
        (at(7), LONG_AGO, at(8)),
        (at(9), at(9, 5), at(9, 5)),
        (at(9), at(21, 45), at(8) + DAY),
        (at(9), at(9) + 2 * DAY, at(9) + 2 * DAY),
    ],
)
def test_the_next_lawful_instant_fits_the_same_length(
    start: datetime, now: datetime, expected: datetime
) -> None:
    decision = decide(replace(VISIT, interval=half_hour(start)), now)
    assert decision.next_lawful_at == expected


def test_the_next_lawful_instant_waits_for_the_wish() -> None:
    facts = replace(VISIT, wishes=(EVENING,), interval=half_hour(at(20)))
    assert decide(facts).next_lawful_at == at(18) + 7 * DAY
    long = replace(facts, interval=Interval(at(18), at(20) + SECOND))
    assert decide(long).next_lawful_at is None


def test_the_next_lawful_instant_waits_for_the_listing() -> None:
    facts = replace(VISIT, listings=(Period(at(9) + DAY, None),))
    assert decide(facts).next_lawful_at == at(9) + DAY


@pytest.mark.parametrize(
    "facts",
    [
        replace(VISIT, people=1),
        replace(VISIT, listings=()),
        replace(VISIT, place=PlaceKind.WORKPLACE),
        replace(VISIT, unschedulable=("no_rule_pack",)),
    ],
)
def test_no_hour_cures_what_is_not_about_time(facts: Facts) -> None:
    assert decide(facts).next_lawful_at is None


def test_an_opening_is_hours_minus_wishes_without_asking_who_comes() -> None:
    facts = replace(VISIT, people=None, wishes=(NO_LUNCH,))
    opening = rules.opening(facts, Interval(at(0), at(24)))
    assert opening.windows == (Interval(at(8), at(12)), Interval(at(14), at(22)))
    assert opening.refusals == ()


def test_an_opening_names_what_leaves_nothing_of_the_span() -> None:
    facts = replace(VISIT, people=None, place=PlaceKind.WORKPLACE, listings=())
    opening = rules.opening(facts, Interval(at(0), at(24)))
    assert opening.windows == ()
    assert [r.rule_id for r in opening.refusals] == ["CN-PLC-1", "CN-LIC-1"]


@pytest.mark.parametrize(
    ("start", "people", "end"),
    [
        (at(21), 2, at(21, 30)),
        (at(21, 50), 2, at(22)),
        (at(22) - SECOND, 2, at(22)),
        (at(21, 50), 1, at(22)),  # that one came alone is another matter
        (at(23), 2, at(23, 30)),
        (at(11, 45), 2, at(12)),
    ],
)
def test_a_contact_is_cut_to_the_window_around_its_start(
    start: datetime, people: int, end: datetime
) -> None:
    asked = half_hour(start)
    facts = replace(VISIT, interval=asked, people=people, wishes=(NO_LUNCH,))
    cut = rules.cut(facts)
    assert cut == replace(facts, interval=Interval(start, end))
