"""What a phone is told after each act: the watch, the contact, and whom to call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.geo import Position, distance_m
from core.words import ActResult, WatchState
from models import Organisation, Watch
from safety.reports import Answer, Fix, Report


@dataclass(frozen=True, slots=True)
class Permission:
    """What gate and badge say about the contact; never about the watch.

    ``reasons`` and ``decision`` are plain JSON as the gate gave them;
    ``recording_obliged``: a rule asks for a recording at the door, or for a reason.
    ``at_most``: the place asks for signs of life no further apart.
    """

    allowed: bool
    reasons: Sequence[dict[str, object]] = ()
    window_end: datetime | None = None
    decision: dict[str, object] | None = None
    recording_obliged: bool = False
    at_most: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """How far from the place a fix lies; evidence with a reason and a flag."""

    distance_m: float
    radius_m: float

    @property
    def outside(self) -> bool:
        """Beyond the fence: a reason is asked, nothing is refused."""
        return self.distance_m > self.radius_m


def fence(fix: Fix | None, place: Position | None, fence_m: int) -> Fence | None:
    """product.md: 300 m or the fix's accuracy, whichever is larger."""
    if fix is None or place is None:
        return None
    metres = distance_m(fix.position, place)
    return Fence(round(metres, 1), max(float(fence_m), fix.accuracy_m))


def build(
    report: Report,
    *,
    result: ActResult,
    watch: Watch | None,
    shown: Watch | None,
    organisation: Organisation,
    now: datetime,
    **more: object,
) -> Answer:
    """The answer as plain JSON; every mobile act gets this shape.

    ``watch`` is the one that the act was about, ``shown`` the one that runs now.
    """
    return {
        "event_id": str(report.event_id),
        "stored": True,
        "result": result.value,
        "server_time": stamp(now),
        "watch": describe(shown),
        "contact": watch.contact if watch else None,
        "reasons": [],
        "leave_now": False,
        "fence": None,
        "recording_wanted": False,
        "outcome": None,
        "fallback": list(organisation.fallback_phones),
        "emergency_phone": organisation.emergency_phone,
        **more,
    }


def describe(watch: Watch | None) -> dict[str, object] | None:
    """``watched`` is what the phone must show; it says so only while a timer runs."""
    if watch is None:
        return None
    watched = watch.state in (WatchState.ARMED, WatchState.OVERDUE)
    return {
        "id": str(watch.id),
        "visit_id": str(watch.visit_id),
        "watched": watched,
        "state": watch.state.value,
        "due": stamp(watch.due_at) if watched else None,
    }


def describe_fence(fence: Fence | None, words: str | None) -> dict[str, object] | None:
    """The fence as JSON; a reason is wanted when outside and none was given."""
    if fence is None:
        return None
    return {
        "distance_m": fence.distance_m,
        "radius_m": fence.radius_m,
        "outside": fence.outside,
        "reason_wanted": fence.outside and not words,
    }


def stamp(instant: datetime) -> str:
    """RFC 3339 with offset, to the millisecond."""
    return instant.isoformat(timespec="milliseconds")
