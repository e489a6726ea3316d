"""When and by which channel a message is tried again after a failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.words import Lane, MessageState

TRIES = 10
LONG_TRIES = 100  # about an hour and a half at the longest pause
LONGEST_S = 60
OPEN_ALERT = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that failed, and all that the next one depends on.

    ``ranks`` are the organisation's channels in order, ``tried`` the one that failed
    (``None``: there was none). ``alert_open``: the message belongs to an open alert.
    ``until``: when the visit begins that an ordinary message is about.
    """

    lane: Lane
    attempt: int
    permanent: bool
    alert_open: bool
    ranks: Sequence[int]
    tried: int | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the message: ``state``, channel to try next, not before when."""

    state: MessageState
    channel_rank: int
    available_at: datetime


def after(failed: Failed, *, now: datetime) -> Next:
    """Go round the channels, stay with one and back off, or give up.

    What belongs to an open alert goes round until somebody has it. What else is urgent
    goes round too, ten times where it is refused for good, a hundred times at most.
    What is ordinary stays with its channel, moves on where that refuses for good or
    after ten attempts; after the last channel it is given up if that refused for good,
    else it goes round until its visit begins. Where no channel reaches anybody nothing
    is given up but what is about a visit that has begun.
    """
    urgent = failed.lane is not Lane.ORDINARY
    first = failed.ranks[0] if failed.ranks else 0
    if urgent and failed.alert_open and _onward(failed) is None:
        return Next(MessageState.PENDING, first, now + OPEN_ALERT)
    if _given_up(failed, now, urgent=urgent):
        return Next(MessageState.FAILED, first, now)
    moves_on = urgent or failed.permanent or failed.attempt >= TRIES
    onward = _onward(failed)
    if onward is not None and moves_on:
        return Next(MessageState.PENDING, onward, now)
    rank = first if moves_on or failed.tried is None else failed.tried
    return Next(MessageState.PENDING, rank, now + back_off(failed.attempt))


def _given_up(failed: Failed, now: datetime, *, urgent: bool) -> bool:
    """Without an open alert, after the last channel: was it tried often enough?"""
    if not failed.ranks:
        return failed.until is not None and now >= failed.until
    if _onward(failed) is not None:
        return False
    if urgent:
        return failed.attempt >= (TRIES if failed.permanent else LONG_TRIES)
    if failed.permanent:
        return True
    begun = failed.until is None or now >= failed.until
    return begun and failed.attempt >= TRIES


def back_off(attempt: int) -> timedelta:
    """2, 4, 8 … 60 s after the first, second, third … attempt."""
    return timedelta(seconds=min(2 ** min(attempt, 6), LONGEST_S))


def _onward(failed: Failed) -> int | None:
    """The next channel in the row that has not been tried in this round."""
    if failed.tried is None:
        return None
    return next((rank for rank in failed.ranks if rank > failed.tried), None)
