"""Lawful hours as instants: what a week's local hours are on the days of a span."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core import instants
from core.instants import Interval
from core.words import Channel
from gate.law import Bearing, Kind, Pack, Reach, Rule, WeekSpan

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)

# A notice is a message: the rules that speak of messages bind it.
CONCERNED: dict[Channel, frozenset[Reach]] = {
    Channel.VISIT: frozenset({Reach.VISIT, Reach.ANY}),
    Channel.NOTICE: frozenset({Reach.SMS, Reach.ANY}),
}
# What a recorded consent to be contacted outside the hours satisfies.
AGREED = frozenset({"debtor_agreement", "debtor_consent"})


def concerns(rule: Rule, channel: Channel) -> bool:
    """Whether the rule speaks of this channel."""
    return not CONCERNED.get(channel, frozenset()).isdisjoint(rule.channels)


def lawful(
    pack: Pack,
    tz: ZoneInfo,
    span: Interval,
    channel: Channel,
    *,
    agreed: Sequence[Interval] = (),
) -> list[Interval]:
    """The instants of ``span`` at which every rule on hours allows a contact.

    ``tz`` is the place's zone; ``agreed`` are the times for which a consent to contacts
    outside the hours is on record. Ascending, touching windows joined.
    """
    windows = [span]
    for rule in pack.rules:
        if restricts(rule) and concerns(rule, channel):
            open_hours = of_rule(rule, zones(pack, tz), span, agreed)
            windows = instants.intersect(windows, open_hours)
    return windows


def restricts(rule: Rule) -> bool:
    """Whether this is a rule on hours that decides."""
    return rule.kind is Kind.HOURS and rule.bearing is Bearing.DECIDES


def zones(pack: Pack, tz: ZoneInfo) -> frozenset[ZoneInfo]:
    """The place's zone and the jurisdiction's legal one: both have to allow."""
    return frozenset({tz, pack.tz or tz})


def of_rule(
    rule: Rule,
    tzs: frozenset[ZoneInfo],
    span: Interval,
    agreed: Sequence[Interval],
) -> list[Interval]:
    """When one rule on hours allows a contact, in every one of the zones."""
    windows = [span]
    for tz in tzs:
        open_hours = weekly(rule.hours, tz, span) + before(
            rule.effective_from, tz, span
        )
        windows = instants.intersect(windows, open_hours)
    if rule.unless in AGREED:
        windows += instants.intersect(agreed, [span])
    return instants.union(windows)


def before(day: date | None, tz: ZoneInfo, span: Interval) -> list[Interval]:
    """The part of the span that lies before a rule's first local day."""
    if day is None:
        return []
    midnight = datetime.combine(day, time(0), UTC)
    return [
        Interval(part.start, min(part.end, midnight - offset))
        for part, offset in _offsets(tz, span)
        if part.start < midnight - offset
    ]


def weekly(spans: Sequence[WeekSpan], tz: ZoneInfo, span: Interval) -> list[Interval]:
    """The instants whose local wall time lies in one of the weekly spans.

    Where clocks are set forward the skipped minutes are simply not there; where they
    are set back the repeated ones count both times.
    """
    return instants.union(
        piece
        for part, offset in _offsets(tz, span)
        for piece in _of_part(spans, part, offset)
    )


def _of_part(
    spans: Sequence[WeekSpan], part: Interval, offset: timedelta
) -> Iterator[Interval]:
    """Weekly spans within a part in which the zone's offset does not change."""
    local = part.start + offset
    monday = datetime.combine(local.date(), time(0), UTC) - local.weekday() * DAY
    while (week := monday - offset) < part.end:
        for first, end in spans:
            start = max(part.start, week + timedelta(minutes=first))
            stop = min(part.end, week + timedelta(minutes=end))
            if start < stop:
                yield Interval(start, stop)
        monday += WEEK


def _offsets(tz: ZoneInfo, span: Interval) -> Iterator[tuple[Interval, timedelta]]:
    """The span in parts of constant offset. No zone changes twice within a day."""
    start, offset = span.start.astimezone(UTC), _offset(tz, span.start)
    end = span.end.astimezone(UTC)
    before = start
    while before < end:
        after = min(before + DAY, end)
        if _offset(tz, after) != offset:
            change = _change(tz, before, after)
            if start < change:
                yield Interval(start, change), offset
            start, offset = change, _offset(tz, after)
        before = after
    if start < end:
        yield Interval(start, end), offset


def _offset(tz: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(tz).utcoffset() or timedelta(0)


def _change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first microsecond of the new offset; offsets change on whole seconds."""
    new = _offset(tz, after)
    while after - before > timedelta(microseconds=1):
        middle = before + (after - before) // 2
        before, after = (
            (before, middle) if _offset(tz, middle) == new else (middle, after)
        )
    return after
