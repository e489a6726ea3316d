"""Instants are aware and UTC; local wall time exists only here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open [start, end) between two aware instants; never empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        if not self.start < self.end:
            raise ValueError(f"start {self.start} must be before end {self.end}")

    @property
    def length(self) -> timedelta:
        """Elapsed time, not wall time."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    def contains(self, instant: datetime) -> bool:
        """True for start <= instant < end."""
        return self.start <= instant < self.end

    def covers(self, other: "Interval") -> bool:
        """True where ``other`` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


def zone(name: str) -> ZoneInfo:
    """The IANA zone, or ``ValueError`` for a name the database does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def midnight(instant: datetime, tz: ZoneInfo) -> datetime:
    """When the local day of the instant began, in UTC."""
    day = instant.astimezone(tz).date()
    return datetime.combine(day, time(0), tz).astimezone(UTC)


def wall(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of a zone show this time of this day.

    As RFC 5545, 3.3.5 has it: a time that comes twice is the first of the two, one that
    is left out counts from the offset before the clocks jump (02:30 becomes 03:30).
    """
    return datetime.combine(day, at.replace(fold=0), tz).astimezone(UTC)


def union(spans: Iterable[Interval]) -> list[Interval]:
    """The same instants as few ascending intervals; touching ones are joined."""
    joined: list[Interval] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            end = max(joined[-1].end, span.end)
            joined[-1] = Interval(joined[-1].start, end)
        else:
            joined.append(span)
    return joined


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """The instants that lie in both."""
    others = union(right)
    return [
        Interval(max(a.start, b.start), min(a.end, b.end))
        for a in union(left)
        for b in others
        if max(a.start, b.start) < min(a.end, b.end)
    ]


def subtract(left: Iterable[Interval], right: Iterable[Interval]) -> list[Interval]:
    """The instants of ``left`` that lie in none of ``right``."""
    rest = union(left)
    for hole in union(right):
        rest = [piece for span in rest for piece in _without(span, hole)]
    return rest


def _without(span: Interval, hole: Interval) -> list[Interval]:
    edges = [(span.start, min(span.end, hole.start))]
    edges.append((max(span.start, hole.end), span.end))
    return [Interval(start, end) for start, end in edges if start < end]
