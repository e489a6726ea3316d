"""What an HTTP answer means for a message: taken, refused for good, or later again."""

from contact.carriers.outgoing import SendError
from contact.webhooks.line import Reply
from core.deadlines import Desks

TRY_AGAIN = (408, 429)  # the two 4xx that say "later"
# at one gateway: twice what a worker has senders; its events have desks of their own
UNANSWERED = 24
DESKS = Desks(UNANSWERED)


def taken(reply: Reply, *, kind: str) -> str:
    """The note of a 2xx; other 4xx than 408 and 429 are permanent failures.

    A gateway that leaves too many unanswered fails at once, and not for good.
    """
    if reply.status is None:
        raise SendError(f"{kind}: {reply.reason}", permanent=False)
    if 200 <= reply.status < 300:
        return reply.reason
    permanent = 400 <= reply.status < 500 and reply.status not in TRY_AGAIN
    raise SendError(reply.reason, permanent=permanent)
