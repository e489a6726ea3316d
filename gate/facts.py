"""The facts that a decision of the gate rests on, as frozen data."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core import instants
from core.geo import Position
from core.instants import Interval
from core.words import Channel, ConsentKind, PlaceKind, RiskLevel
from gate.law import Pack, WeekSpan


@dataclass(frozen=True, slots=True)
class Period:
    """From ``starts_at`` on, and before ``ends_at`` if that is known."""

    starts_at: datetime
    ends_at: datetime | None

    def within(self, span: Interval) -> list[Interval]:
        """The part of the span that lies in the period."""
        start = max(self.starts_at, span.start)
        end = min(self.ends_at or span.end, span.end)
        return [Interval(start, end)] if start < end else []

    def holds(self, instant: datetime) -> bool:
        """Is the instant in the period?"""
        ends_at = self.ends_at
        return self.starts_at <= instant and (ends_at is None or instant < ends_at)

    def shared(self, other: "Period") -> "Period | None":
        """The part that lies in both; None where nothing does."""
        start = max(self.starts_at, other.starts_at)
        ends = [one for one in (self.ends_at, other.ends_at) if one is not None]
        end = min(ends, default=None)
        return Period(start, end) if end is None or start < end else None


@dataclass(frozen=True, slots=True)
class Agreement:
    """A consent of the borrower that is on record, and for how long."""

    kind: ConsentKind
    period: Period


@dataclass(frozen=True, slots=True)
class Wished:
    """Weekly local hours of the place: ``only`` within them, or else never in them."""

    only: bool
    spans: tuple[WeekSpan, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How careful one has to be at the place during a period."""

    level: RiskLevel
    period: Period


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision rests on. ``zone`` is the place's IANA name, if it is known.

    ``people`` is how many visitors come, None while nobody can know yet.
    ``unschedulable`` are the codes why the place cannot be visited; ``listings`` the
    times during which the organisation stands on the creditor's published list.
    ``closed``: nothing is owed any more, and the contact takes back no earlier one.
    ``holds``: when the borrower is to be left alone, unless one is taken back.
    ``erased``: we know nothing of him any more, and turn to him never again.
    ``risks``: how careful one has to be there, and when. ``position``: where the sun is
    asked for. ``stops``: when the other stops of each visitor begin, None while nobody
    can know who comes.
    """

    channel: Channel
    interval: Interval
    people: int | None
    place: PlaceKind
    is_public: bool
    zone: str | None
    pack: Pack | None
    agreements: tuple[Agreement, ...] = ()
    listings: tuple[Period, ...] = ()
    wishes: tuple[Wished, ...] = ()
    unschedulable: tuple[str, ...] = ()
    closed: bool = False
    holds: tuple[Period, ...] = ()
    erased: bool = False
    risks: tuple[Standing, ...] = ()
    position: Position | None = None
    stops: tuple[tuple[datetime, ...], ...] | None = None

    @property
    def tz(self) -> ZoneInfo | None:
        """The place's zone; None where it is missing or unknown."""
        try:
            return instants.zone(self.zone) if self.zone else None
        except ValueError:
            return None

    def agreed(self, kind: ConsentKind, span: Interval) -> list[Interval]:
        """The parts of the span for which such a consent is on record."""
        return [
            part
            for agreement in self.agreements
            if agreement.kind is kind
            for part in agreement.period.within(span)
        ]
