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
    """

    lane: Lane
    attempt: int
    permanent: bool
    alert_open: bool
    ranks: Sequence[int]
    tried: int | None


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
    after ten attempts, and is given up after the last channel.
    """
    onward = _onward(failed)
    urgent = failed.lane is not Lane.ORDINARY
    moves_on = urgent or failed.permanent or failed.attempt >= TRIES
    if onward is not None and moves_on:
        return Next(MessageState.PENDING, onward, now)
    first = failed.ranks[0] if failed.ranks else 0
    if urgent and failed.alert_open:
        return Next(MessageState.PENDING, first, now + OPEN_ALERT)
    rank = first if urgent or failed.tried is None else failed.tried
    if failed.attempt >= _enough(failed, urgent=urgent):
        return Next(MessageState.FAILED, rank, now)
    return Next(MessageState.PENDING, rank, now + back_off(failed.attempt))


def _enough(failed: Failed, *, urgent: bool) -> int:
    """The attempts after which a message without an open alert is given up."""
    if urgent:
        return TRIES if failed.permanent else LONG_TRIES
    return 1 if failed.permanent else TRIES


def back_off(attempt: int) -> timedelta:
    """2, 4, 8 … 60 s after the first, second, third … attempt."""
    return timedelta(seconds=min(2 ** min(attempt, 6), LONGEST_S))


def _onward(failed: Failed) -> int | None:
    """The next channel in the row that has not been tried in this round."""
    if failed.tried is None:
        return None
    return next((rank for rank in failed.ranks if rank > failed.tried), None)
