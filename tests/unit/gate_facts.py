"""A lawful visit and its notice on a Tuesday in Hangzhou, to be changed by tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind
from gate import packs, rules
from gate.answers import Decision
from gate.facts import Agreement, Facts, Period

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)  # 00:00 on a Tuesday in Hangzhou
HALF_HOUR = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
ALWAYS = Period(LONG_AGO, None)
CN = packs.shipped()["CN"]


def at(hour: int, minute: int = 0) -> datetime:
    """That local time on the Tuesday."""
    return MIDNIGHT + timedelta(hours=hour, minutes=minute)


def half_hour(start: datetime) -> Interval:
    return Interval(start, start + HALF_HOUR)


VISIT = Facts(
    channel=Channel.VISIT,
    interval=half_hour(at(10)),
    people=2,
    place=PlaceKind.HOME,
    is_public=False,
    zone="Asia/Shanghai",
    pack=CN,
    listings=(ALWAYS,),
)
NOTICE = replace(VISIT, channel=Channel.NOTICE, people=1)


def decide(facts: Facts, now: datetime = LONG_AGO) -> Decision:
    return rules.evaluate(facts, now=now)


def refused_by(facts: Facts) -> list[str]:
    decision = decide(facts)
    assert decision.allowed is not bool(decision.refusals)
    return [reason.rule_id for reason in decision.refusals]


def agreed(kind: ConsentKind, period: Period = ALWAYS) -> Agreement:
    return Agreement(kind, period)


HOURS = ["CN-HRS-1", "CN-HRS-2"]
SECOND = timedelta(seconds=1)
