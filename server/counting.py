"""Count a try at a secret in a transaction of its own, before the secret is proved."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from accounts import tries
from accounts.tries import Counter
from models import database
from server.runtime import Runtime


def count(
    runtime: Runtime, counters_of: Callable[[Session], Sequence[Counter]]
) -> Sequence[Counter]:
    """The counters at which the try now stands; ``TooManyTries`` where it is early.

    Whoever is too early only reads: a flood of tries keeps no writer waiting.
    """
    with database.reading(runtime.sessions) as session:
        counters = counters_of(session)
        tries.check(session, counters, now=runtime.clock.now(session))
    with runtime.sessions.begin() as session:
        tries.admit(session, counters, now=runtime.clock.now(session))
    return counters
