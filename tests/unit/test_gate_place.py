"""What the gate makes of a place's memory: refusals, next lawful times, the due."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.instants import Interval
from core.words import RiskLevel
from gate import rules
from gate.facts import Facts, Period, Standing
from gate.risk import MEASURES
from tests.support.make import HANGZHOU
from tests.unit.gate_facts import (
    LONG_AGO,
    NOTICE,
    VISIT,
    at,
    decide,
    half_hour,
    refused_by,
)

DAY = timedelta(days=1)
WIDE = Interval(at(0), at(24))


def marked(
    level: RiskLevel, ends_at: datetime | None = None, facts: Facts = VISIT
) -> Facts:
    standing = Standing(level, Period(LONG_AGO, ends_at or at(24 * 90)))
    return replace(facts, risks=(standing,), position=HANGZHOU)


RAISED, HIGH = marked(RiskLevel.RAISED), marked(RiskLevel.HIGH)
NO_VISIT = marked(RiskLevel.NO_VISIT)


def test_a_place_of_which_nothing_is_known_is_visited_as_ever() -> None:
    assert refused_by(marked(RiskLevel.NORMAL)) == []
    assert decide(marked(RiskLevel.NORMAL)).at_most is None


def test_the_message_that_announces_a_visit_is_not_concerned() -> None:
    for level in RiskLevel:
        assert refused_by(marked(level, facts=NOTICE)) == []
        found = decide(marked(level, facts=NOTICE))
        assert found.obligations == decide(NOTICE).obligations


@pytest.mark.parametrize("facts", [RAISED, HIGH])
def test_nobody_goes_alone(facts: Facts) -> None:
    alone = replace(facts, people=1)
    assert "PLACE-PAIR" in refused_by(alone)
    assert decide(alone).next_lawful_at is None
    assert "PLACE-PAIR" not in refused_by(facts)
    assert "PLACE-PAIR" not in refused_by(replace(facts, people=None))


def test_a_refusal_names_the_house_as_its_source() -> None:
    [reason] = decide(NO_VISIT).refusals
    assert (reason.rule_id, reason.source) == ("PLACE-NO-VISIT", "Vouchsafe")
    assert reason.words_en
    assert reason.words_zh


def test_no_visit_holds_until_its_end_and_says_so() -> None:
    decision = decide(marked(RiskLevel.NO_VISIT, at(24 + 12)), now=at(9))
    assert decision.next_lawful_at == at(24 + 12)
    assert decide(NO_VISIT, now=at(9)).next_lawful_at is None
    over = marked(RiskLevel.NO_VISIT, at(9))
    assert refused_by(over) == []


def test_what_ends_meanwhile_holds_for_the_visit_that_began_before() -> None:
    assert refused_by(marked(RiskLevel.NO_VISIT, at(10, 10))) == ["PLACE-NO-VISIT"]


@pytest.mark.parametrize(
    ("hour", "minute", "refused"),
    [(10, 0, False), (16, 28, False), (16, 45, True), (18, 0, True), (8, 0, False)],
)
def test_daylight_only(hour: int, minute: int, refused: bool) -> None:
    facts = replace(HIGH, interval=half_hour(at(hour, minute)))
    assert (refused_by(facts) == ["PLACE-DAYLIGHT"]) is refused
    assert refused_by(replace(RAISED, interval=half_hour(at(hour, minute)))) == []


def test_after_dusk_the_next_lawful_time_is_the_next_morning_within_the_hours() -> None:
    late = replace(HIGH, interval=half_hour(at(19)))
    assert decide(late, now=at(12)).next_lawful_at == at(24 + 8)


def test_the_window_of_a_visit_in_daylight_ends_at_dusk() -> None:
    end = decide(HIGH).window_end
    assert end is not None
    assert at(16, 55) < end < at(17, 5)
    assert decide(RAISED).window_end == decide(VISIT).window_end


def test_without_a_readable_position_there_is_no_daylight() -> None:
    blind = replace(HIGH, position=None)
    assert refused_by(blind) == ["PLACE-DAYLIGHT"]
    assert refused_by(replace(RAISED, position=None)) == []


def test_polar_night_leaves_no_lawful_time() -> None:
    longyearbyen = replace(HANGZHOU, lon=15.6469, lat=78.2232)
    dark = replace(HIGH, position=longyearbyen, interval=half_hour(at(10)))
    assert decide(dark, now=at(9)).next_lawful_at is None
    assert refused_by(dark) == ["PLACE-DAYLIGHT"]


def stops(*of_each: tuple[datetime, ...], facts: Facts = RAISED) -> Facts:
    return replace(facts, stops=of_each)


def test_it_is_not_the_last_stop_of_anybodys_day() -> None:
    later = (at(14),)
    assert refused_by(stops(later, later)) == []
    assert refused_by(stops(later, ())) == ["PLACE-NOT-LAST"]
    assert refused_by(stops((at(8),), later)) == ["PLACE-NOT-LAST"]
    assert refused_by(stops((at(8), at(14)), later)) == []


def test_a_stop_of_the_next_day_does_not_count() -> None:
    assert refused_by(stops((at(24 + 9),))) == ["PLACE-NOT-LAST"]


def test_while_nobody_knows_who_comes_nothing_is_asked() -> None:
    assert refused_by(RAISED) == []
    assert refused_by(replace(VISIT, stops=((),))) == []


def test_the_next_lawful_time_is_before_another_stop() -> None:
    facts = stops((at(24 + 15),), facts=RAISED)
    assert decide(facts, now=at(9)).next_lawful_at == at(24 + 8)
    assert decide(stops(()), now=at(9)).next_lawful_at is None


@pytest.mark.parametrize("level", list(RiskLevel))
def test_the_watch_falls_due_by_the_levels_time(level: RiskLevel) -> None:
    decision = decide(marked(level))
    assert decision.at_most == MEASURES[level].at_most
    seconds = decision.as_json()["at_most_s"]
    assert seconds == (decision.at_most and decision.at_most.total_seconds())


def test_an_allowed_visit_says_what_it_has_to_keep_and_by_when() -> None:
    before = {duty.reason.rule_id for duty in decide(VISIT).obligations}
    added = {
        duty.reason.rule_id: duty.stage.value
        for duty in decide(HIGH).obligations
        if duty.reason.rule_id not in before
    }
    assert added == {
        "PLACE-PAIR": "departure",
        "PLACE-DAYLIGHT": "door",
        "PLACE-NOT-LAST": "departure",
        "PLACE-SHORT": "door",
    }


def test_lawful_windows_leave_out_the_dark() -> None:
    [day] = rules.opening(replace(HIGH, people=None), WIDE).windows
    assert (day.start, day.end < at(17, 5)) == (at(8), True)
    assert rules.opening(NO_VISIT, WIDE).windows == ()
    [reason] = rules.opening(NO_VISIT, WIDE).refusals
    assert reason.rule_id == "PLACE-NO-VISIT"
