"""The gate's decision: every refusal, duty and reason."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind
from gate.facts import Agreement, Facts, Period, Wished
from gate.law import Kind, Pack, Reach, Stage
from tests.unit.gate_facts import (
    CN,
    HOURS,
    LONG_AGO,
    NOTICE,
    SECOND,
    VISIT,
    agreed,
    at,
    decide,
    half_hour,
    refused_by,
)


def duties(facts: Facts) -> set[tuple[str, Stage]]:
    found = decide(facts).obligations
    return {(duty.reason.rule_id, duty.stage) for duty in found}


@pytest.mark.parametrize("facts", [VISIT, NOTICE])
@pytest.mark.parametrize(
    ("start", "end", "refusals"),
    [
        (at(8) - SECOND, at(8, 30), HOURS),
        (at(8), at(8, 30), []),
        (at(8) + SECOND, at(8, 30), []),
        (at(21, 30), at(22) - SECOND, []),
        (at(21, 30), at(22), []),
        (at(21, 30), at(22) + SECOND, HOURS),
        (at(22), at(22, 30), HOURS),
        (at(21), at(33), HOURS),
        (at(2), at(3), HOURS),
    ],
)
def test_start_and_end_lie_in_one_lawful_window(
    facts: Facts, start: datetime, end: datetime, refusals: list[str]
) -> None:
    asked = replace(facts, interval=Interval(start, end))
    assert refused_by(asked) == refusals


def test_an_allowed_visit_says_until_when_and_under_which_law() -> None:
    decision = decide(VISIT)
    assert decision.allowed
    assert decision.window_end == at(22)
    assert decision.next_lawful_at == at(10)
    assert decision.jurisdiction == "CN"


@pytest.mark.parametrize(("people", "refusals"), [(1, ["CN-STF-1"]), (2, []), (3, [])])
def test_two_visitors_are_demanded(people: int, refusals: list[str]) -> None:
    assert refused_by(replace(VISIT, people=people)) == refusals


def test_an_unverified_rule_refuses_and_says_that_it_is_unverified() -> None:
    (reason,) = decide(replace(VISIT, people=1)).refusals
    assert reason.status == "unverified"
    assert reason.source.startswith("CBA guide 2026; ")
    assert "two collectors" in reason.words_en
    assert "两名" in reason.words_zh


def test_a_notice_needs_no_second_visitor() -> None:
    assert refused_by(NOTICE) == []


@pytest.mark.parametrize("facts", [VISIT, NOTICE])
@pytest.mark.parametrize(
    ("listings", "refusals"),
    [
        ((), ["CN-LIC-1"]),
        ((Period(at(10), at(10, 30)),), []),
        ((Period(at(10) + SECOND, None),), ["CN-LIC-1"]),
        ((Period(LONG_AGO, at(10, 30) - SECOND),), ["CN-LIC-1"]),
        ((Period(LONG_AGO, at(10, 10)), Period(at(10, 10), None)), []),
    ],
)
def test_the_organisation_stands_on_the_creditors_list_throughout(
    facts: Facts, listings: tuple[Period, ...], refusals: list[str]
) -> None:
    assert refused_by(replace(facts, listings=listings)) == refusals


WORKPLACE = agreed(ConsentKind.WORKPLACE_VISIT)


@pytest.mark.parametrize(
    ("place", "is_public", "agreements", "refusals"),
    [
        (PlaceKind.HOME, False, (), []),
        (PlaceKind.WORKPLACE, False, (), ["CN-PLC-1"]),
        (PlaceKind.WORKPLACE, True, (), ["CN-PLC-1"]),
        (PlaceKind.WORKPLACE, False, (WORKPLACE,), []),
        (
            PlaceKind.WORKPLACE,
            False,
            (agreed(ConsentKind.ENTER_HOME),),
            ["CN-PLC-1"],
        ),
        (
            PlaceKind.WORKPLACE,
            False,
            (agreed(ConsentKind.WORKPLACE_VISIT, Period(LONG_AGO, at(10, 29))),),
            ["CN-PLC-1"],
        ),
        (PlaceKind.OTHER, False, (), ["CN-PLC-1"]),
        (PlaceKind.OTHER, False, (WORKPLACE,), ["CN-PLC-1"]),
        (PlaceKind.OTHER, True, (), []),
    ],
)
def test_what_a_place_demands(
    place: PlaceKind,
    is_public: bool,
    agreements: tuple[Agreement, ...],
    refusals: list[str],
) -> None:
    facts = replace(VISIT, place=place, is_public=is_public, agreements=agreements)
    assert refused_by(facts) == refusals


def test_a_notice_is_no_visit_to_the_workplace() -> None:
    assert refused_by(replace(NOTICE, place=PlaceKind.WORKPLACE)) == []


def test_what_a_visit_obliges_to_and_by_when() -> None:
    assert duties(VISIT) == {
        ("CN-IDN-1", Stage.DOOR),
        ("CN-IDN-2", Stage.DOOR),
        ("CN-REC-1", Stage.DOOR),
        ("CN-PRS-1", Stage.DOOR),
        ("CN-PRS-2", Stage.DOOR),
        ("CN-PLC-1", Stage.DOOR),
        ("CN-PII-1", Stage.PLAN),
    }


def test_what_a_notice_obliges_to() -> None:
    assert duties(NOTICE) == {
        ("CN-IDN-2", Stage.DOOR),
        ("CN-PRS-1", Stage.PLAN),
        ("CN-PRS-2", Stage.PLAN),
    }


def test_the_doorstep_duty_ends_with_a_consent_to_enter() -> None:
    entering = replace(VISIT, agreements=(agreed(ConsentKind.ENTER_HOME),))
    assert ("CN-PLC-1", Stage.DOOR) not in duties(entering)
    for_a_while = agreed(ConsentKind.ENTER_HOME, Period(at(10), at(10, 29)))
    assert ("CN-PLC-1", Stage.DOOR) in duties(replace(VISIT, agreements=(for_a_while,)))
    elsewhere = replace(VISIT, place=PlaceKind.OTHER, is_public=True)
    assert ("CN-PLC-1", Stage.DOOR) not in duties(elsewhere)


def test_what_is_only_shown_refuses_nothing() -> None:
    shown = [reason.rule_id for reason in decide(VISIT).informs]
    assert shown == ["CN-RET-1", "CN-RET-2", "CN-PII-2"]
    assert decide(NOTICE).informs == ()


def test_every_refusal_is_listed() -> None:
    worst = replace(
        VISIT,
        interval=half_hour(at(23)),
        people=1,
        place=PlaceKind.WORKPLACE,
        listings=(),
        wishes=(Wished(only=True, spans=((0, 60),)),),
        unschedulable=("zone_unknown",),
    )
    assert refused_by(worst) == [
        "GATE-PLACE",
        "GATE-WISH",
        "CN-HRS-1",
        "CN-HRS-2",
        "CN-STF-1",
        "CN-PLC-1",
        "CN-LIC-1",
    ]
    assert decide(worst).next_lawful_at is None


@pytest.mark.parametrize("zone", [None, "", "Mars/Base", "../etc/passwd"])
def test_without_a_known_zone_nothing_is_allowed(zone: str | None) -> None:
    facts = replace(VISIT, zone=zone, people=1)
    assert refused_by(facts) == ["GATE-ZONE", "CN-STF-1"]
    assert decide(facts).window_end is None
    assert decide(facts).next_lawful_at is None


def test_without_a_rule_pack_nothing_is_allowed() -> None:
    facts = replace(VISIT, pack=None)
    assert refused_by(facts) == ["GATE-PACK"]
    decision = decide(facts)
    assert (decision.jurisdiction, decision.window_end) == (None, None)
    assert decision.next_lawful_at is None


def test_an_unschedulable_place_says_why() -> None:
    (reason,) = decide(replace(VISIT, unschedulable=("a", "b"))).refusals
    assert (reason.rule_id, reason.source) == ("GATE-PLACE", "Vouchsafe")
    assert reason.status == "organisation"
    assert "a, b" in reason.words_en
    assert "a, b" in reason.words_zh


@pytest.mark.parametrize(
    "channel", [Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.LETTER]
)
def test_other_channels_are_not_decided_yet(channel: Channel) -> None:
    decision = decide(replace(VISIT, channel=channel))
    (reason,) = decision.refusals
    assert reason.rule_id == "GATE-CHANNEL"
    assert "cannot decide on this channel" in reason.words_en
    assert decision.obligations == decision.informs == ()
    assert decision.window_end is decision.next_lawful_at is None


def with_first_rule(**changes: object) -> Pack:
    first = replace(CN.rules[0], **changes)  # type: ignore[arg-type]
    return replace(CN, rules=(first,))


def test_a_deciding_rule_that_we_cannot_judge_refuses() -> None:
    pack = with_first_rule(kind=Kind.CAP, channels=frozenset({Reach.VISIT}))
    assert refused_by(replace(VISIT, pack=pack)) == ["CN-HRS-1"]


def test_without_a_way_round_in_the_rule_no_consent_opens_the_night() -> None:
    night = (agreed(ConsentKind.OUTSIDE_HOURS),)
    facts = replace(VISIT, agreements=night, interval=half_hour(at(23)))
    strict = replace(facts, pack=with_first_rule(unless=None))
    assert refused_by(facts) == []
    assert refused_by(strict) == ["CN-HRS-1"]


def test_a_rule_binds_from_its_local_date_on() -> None:
    (staffing,) = (rule for rule in CN.rules if rule.kind is Kind.STAFFING)
    dated = replace(staffing, effective_from=datetime(2026, 11, 24, tzinfo=UTC).date())
    alone = replace(VISIT, people=1, pack=replace(CN, rules=(dated,)))
    assert refused_by(alone) == ["CN-STF-1"]
    assert refused_by(replace(alone, interval=half_hour(at(-1)))) == []


def test_the_answer_is_plain_json_and_always_the_same() -> None:
    decision = decide(replace(VISIT, people=1))
    text = json.dumps(decision.as_json(), ensure_ascii=False)
    assert text == json.dumps(
        decide(replace(VISIT, people=1)).as_json(), ensure_ascii=False
    )
    answer = json.loads(text)
    assert list(answer) == [
        "allowed",
        "jurisdiction",
        "refusals",
        "obligations",
        "informs",
        "next_lawful_at",
        "window_end",
        "at_most_s",
    ]
    assert answer["window_end"] == "2026-11-24T14:00:00+00:00"
    assert answer["next_lawful_at"] is None
    assert answer["obligations"][0]["stage"] == "door"
