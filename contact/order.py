"""In which order an organisation's channels are tried for one message."""

from collections.abc import Collection, Sequence

from models import Message, MessageChannel


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
