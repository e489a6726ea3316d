"""Dues and the true time of what a phone reports: pure arithmetic over instants."""

from datetime import datetime, timedelta

# two acts in quick succession may be estimated in the wrong order by so much
JITTER = timedelta(seconds=30)
OLDEST = timedelta(hours=72)  # a safety token's life: nothing older can be queued


def happened_at(
    *,
    received: datetime,
    occurred: datetime,
    sent: datetime | None,
    earliest: bool = False,
) -> datetime:
    """When an act happened by the server's clock.

    ``occurred`` and ``sent`` are two readings of the phone's clock, whose offset is
    unknown: only their difference counts. Without ``sent`` the act counts as just
    received or, with ``earliest``, as early as the phone says: that is how a check-in
    errs on the safe side. Never after ``received``, never more than 72 h before it.
    """
    if sent is None and not earliest:
        return received
    age = (sent or received) - occurred
    return received - min(max(age, timedelta(0)), OLDEST)


def first_due(
    *, started: datetime, length: timedelta, window_end: datetime | None
) -> datetime:
    """Check-in plus the visit's length, cut to the end of the lawful window."""
    due = started + length
    return due if window_end is None else min(due, window_end)


def leave_due(*, started: datetime, leave_now: timedelta) -> datetime:
    """A refused contact leaves this long to be gone."""
    return started + leave_now


def extended_due(
    *, due: datetime, now: datetime, by: timedelta, window_end: datetime | None
) -> datetime | None:
    """The due moved on by ``by`` from where it stands, or from now if it has passed.

    ``None`` when the lawful window leaves nothing to add: it is time to go.
    """
    moved = max(due, now) + by
    if window_end is not None:
        moved = min(moved, window_end)
    return moved if moved > max(due, now) else None


def was_in_time(*, latest: datetime, due: datetime) -> bool:
    """A check-out whose latest possible time is not after the due was in time."""
    return latest <= due
