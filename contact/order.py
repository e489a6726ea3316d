"""Which of an organisation's channels are tried for one message, in which order."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from contact import channels
from core.words import ChannelKind, Lane
from models import Message, MessageChannel


def ways(session: Session, message: Message, *, demo: bool) -> list[MessageChannel]:
    """The enabled channels that may carry it.

    A call is made to our own people only, and only for what is urgent: a borrower was
    promised a notice, and a code does not belong on an answering machine.
    """
    rings = message.user_id is not None and message.lane is not Lane.ORDINARY
    found = channels.enabled(session, message.organisation_id, demo=demo)
    return [one for one in found if rings or one.kind is not ChannelKind.VOICE]


def turns(message: Message, ways: Sequence[MessageChannel]) -> frozenset[int]:
    """The ranks that had their turn in this round.

    What an older program left says only where it was going: all before that.
    """
    if message.tried is None:
        ranks = (channel.rank for channel in ways)
        return frozenset(rank for rank in ranks if rank < message.channel_rank)
    return frozenset(rank for rank in message.tried if isinstance(rank, int))


def choose(
    ways: Sequence[MessageChannel], *, rank: int, turns: Collection[int]
) -> MessageChannel | None:
    """The channel for this attempt; ``None``: each has had its turn."""
    left = [channel for channel in ways if channel.rank not in turns]
    asked = (channel for channel in left if channel.rank == rank)
    return next(asked, next(iter(left), None))
