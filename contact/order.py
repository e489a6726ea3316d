"""Which of an organisation's channels are tried for one message, in which order."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact import channels
from core.words import ChannelKind, Lane
from models import Message, MessageChannel, Receipt

ROW = 3  # failures one after the other, of whatever messages
REST = timedelta(seconds=60)  # since the last of them
# a number that nobody has says nothing about the channel
OF_THE_MESSAGE = ("HTTP 400", "HTTP 422", "provider: refused in its answer")


def ways(
    session: Session, message: Message, *, demo: bool, now: datetime
) -> list[MessageChannel]:
    """The enabled channels that may carry it, in the order in which they are tried.

    By rank, those that rest last: none is left out. A call is made to our own people
    only, and only for what is urgent: a borrower was promised a notice, and a code does
    not belong on an answering machine.
    """
    rings = message.user_id is not None and message.lane is not Lane.ORDINARY
    found = channels.enabled(session, message.organisation_id, demo=demo)
    left = [one for one in found if rings or one.kind is not ChannelKind.VOICE]
    if len(left) < 2:
        return left
    resting = {one.id for one in left if rests(session, one, now=now)}
    return sorted(left, key=lambda one: (one.id in resting, one.rank))


def rests(session: Session, channel: MessageChannel, *, now: datetime) -> bool:
    """Has it failed three times in a row, the last time within the last minute?

    Read from the receipts, so that all processes see the same and a restart forgets
    nothing. What follows a rest is a try: one more failure, and it rests again.
    """
    last = (
        select(Receipt.accepted, Receipt.at)
        .where(Receipt.channel_id == channel.id, Receipt.reason.not_in(OF_THE_MESSAGE))
        .order_by(Receipt.id.desc())
        .limit(ROW)
    )
    found = session.execute(last).all()
    failed = len(found) == ROW and not any(row.accepted for row in found)
    return failed and max(row.at for row in found) > now - REST


def turns(message: Message, ways: Sequence[MessageChannel]) -> frozenset[int]:
    """The ranks that had their turn in this round.

    What an older program left says only where it was going: all before that.
    """
    if message.tried is None:
        ranks = (channel.rank for channel in ways)
        return frozenset(rank for rank in ranks if rank < message.channel_rank)
    return frozenset(rank for rank in message.tried if isinstance(rank, int))


def choose(
    ways: Sequence[MessageChannel], *, turns: Collection[int]
) -> MessageChannel | None:
    """The channel for this attempt; ``None``: each has had its turn."""
    return next((one for one in ways if one.rank not in turns), None)
