"""When and by which channel a message is tried again after a failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.words import Lane, MessageState

TRIES = 10
LONG_TRIES = 100  # about an hour and a half at the longest pause
LONGEST_S = 60
OPEN_ALERT = timedelta(seconds=5)
ACCEPTED = timedelta(seconds=60)  # a round in which somebody took it is no dead one


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that failed, and all that the next one depends on.

    ``ranks`` are the organisation's channels in the order in which they are tried,
    ``tried`` the one that failed (``None``: there was none), ``before`` those that had
    their turn earlier in this round. ``alert_open``: the message belongs to an open
    alert. ``accepted``: another channel has taken it, and nothing was heard of it
    since. ``until``: when the visit begins that an ordinary message is about.
    """

    lane: Lane
    attempt: int
    permanent: bool
    alert_open: bool
    ranks: Sequence[int]
    tried: int | None
    until: datetime | None = None
    before: frozenset[int] = frozenset()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the message: ``state``, channel to try next, not before when.

    ``tried``: the channels that had their turn in the round, empty as one begins.
    """

    state: MessageState
    channel_rank: int
    available_at: datetime
    tried: tuple[int, ...] = ()


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
        pause = ACCEPTED if failed.accepted else OPEN_ALERT
        return Next(MessageState.PENDING, first, now + pause)
    if _given_up(failed, now, urgent=urgent):
        return Next(MessageState.FAILED, first, now)
    moves_on = urgent or failed.permanent or failed.attempt >= TRIES
    onward = _onward(failed)
    pause = back_off(failed.attempt)
    if onward is not None and moves_on:
        return Next(MessageState.PENDING, onward, now, _turns(failed))
    if moves_on or failed.tried is None:
        return Next(MessageState.PENDING, first, now + pause)
    same_round = tuple(sorted(failed.before))
    return Next(MessageState.PENDING, failed.tried, now + pause, same_round)


def taken(took: Failed, *, wait: timedelta, now: datetime) -> Next:
    """A channel that promised to say what becomes of it took it: wait for its word.

    In silence it is the next channel's turn; after the last one it counts as sent.
    """
    rank = _onward(took)
    last = took.tried or 0
    return Next(
        MessageState.PENDING, last if rank is None else rank, now + wait, _turns(took)
    )


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


def _turns(failed: Failed) -> tuple[int, ...]:
    tried = () if failed.tried is None else (failed.tried,)
    return tuple(sorted({*failed.before, *tried}))


def _onward(failed: Failed) -> int | None:
    """The next channel in the row that has not been tried in this round."""
    if failed.tried is None:
        return None
    turns = _turns(failed)
    return next((rank for rank in failed.ranks if rank not in turns), None)
