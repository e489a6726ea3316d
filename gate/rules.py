"""The rules of the gate: from the facts of a contact to the decision, nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core import instants
from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind
from gate import hours, limits, place_limits
from gate.answers import Decision, Obligation, Opening, cited
from gate.facts import Facts
from gate.law import Bearing, Kind, Premises, Rule, Stage

SEARCH = timedelta(days=28)


def evaluate(facts: Facts, *, now: datetime) -> Decision:
    """The decision on the contact in ``facts.interval``, which has to fit wholly."""
    asked = facts.interval
    near = Interval(asked.start, asked.end + hours.DAY)
    found = limits.of(facts, near)
    refusals = tuple(limit.reason for limit in found if not limit.allows(asked))
    return Decision(
        allowed=not refusals,
        refusals=refusals,
        obligations=tuple(_obligations(facts)),
        informs=tuple(map(cited, _in_force(facts, Bearing.INFORMS))),
        next_lawful_at=_next(facts, allowed=not refusals, now=now),
        window_end=_window_end(facts, near),
        at_most=place_limits.at_most(facts),
        jurisdiction=facts.pack.jurisdiction if facts.pack else None,
    )


def opening(facts: Facts, span: Interval) -> Opening:
    """When such a contact is allowed within the span, whatever its length.

    ``refusals`` are the rules that leave nothing of the span open.
    """
    found = limits.of(facts, span)
    shut = tuple(limit.reason for limit in found if not limit.windows)
    return Opening(facts.zone, tuple(limits.common(found, span)), shut)


def cut(facts: Facts) -> Facts:
    """The same contact, over when the window around its start is over.

    That is a window for as many people as the rules ask for. A contact that begins in
    none stays as long as it was asked; whether it has begun already does not matter.
    """
    asked = facts.interval
    for window in opening(replace(facts, people=None), asked).windows:
        if window.contains(asked.start):
            return replace(facts, interval=window)
    return facts


def _next(facts: Facts, *, allowed: bool, now: datetime) -> datetime | None:
    start = max(now, facts.interval.start)
    if allowed and start == facts.interval.start:
        return start
    span = Interval(start, start + SEARCH)
    for window in limits.common(limits.of(facts, span), span):
        if window.length >= facts.interval.length:
            return window.start
    return None


def _window_end(facts: Facts, near: Interval) -> datetime | None:
    tz = facts.tz
    if facts.pack is None or tz is None or facts.channel not in hours.CONCERNED:
        return None
    agreed = facts.agreed(ConsentKind.OUTSIDE_HOURS, near)
    windows = hours.lawful(facts.pack, tz, near, facts.channel, agreed=agreed)
    windows = instants.intersect(windows, place_limits.lit(facts, near))
    around = (window.end for window in windows if window.contains(near.start))
    return next(around, None)


def _obligations(facts: Facts) -> Iterator[Obligation]:
    """Of rules that oblige, of deciding ones that leave a duty, and of the place."""
    yield from place_limits.obligations(facts)
    for rule in _in_force(facts, Bearing.OBLIGES):
        yield Obligation(_stage(rule, facts), rule.kind, cited(rule))
    for rule in _in_force(facts, Bearing.DECIDES):
        if _leaves_duty(rule, facts):
            yield Obligation(_stage(rule, facts), rule.kind, cited(rule))


def _in_force(facts: Facts, bearing: Bearing) -> Iterator[Rule]:
    """The rules of a bearing that bind on the local day on which the contact begins."""
    day = facts.interval.start.astimezone(facts.tz or UTC).date()
    for rule in limits.bound(facts, bearing):
        if rule.effective_from is None or rule.effective_from <= day:
            yield rule


def _leaves_duty(rule: Rule, facts: Facts) -> bool:
    """The borrower alone is spoken to; his home is not entered unless he consented."""
    if rule.kind is Kind.PERSON:
        return True
    if Premises.INSIDE_HOME not in rule.places or facts.place is not PlaceKind.HOME:
        return False
    entered = facts.agreed(ConsentKind.ENTER_HOME, facts.interval)
    return rule.unless not in hours.AGREED or instants.union(entered) != [
        facts.interval
    ]


def _stage(rule: Rule, facts: Facts) -> Stage:
    """To whom a notice goes is settled before it is sent."""
    if facts.channel is Channel.NOTICE and rule.kind is Kind.PERSON:
        return Stage.PLAN
    return rule.stage or Stage.DOOR
