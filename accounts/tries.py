"""Tries at a secret are counted before it is proved, and each waits longer.

A try that was let through stands as a failure until it turns out right, so that any
number of rivals at one instant count as well. What is counted is named by a keyed
digest: no address, no login. Nobody waits in a thread: whoever is early is told when.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.errors import TooManyTries
from models import Try, claims
from models.base import UtcDateTime
from models.sealed import ring

FORGOTTEN = timedelta(hours=2)  # after the last try
FIRST_DELAY = timedelta(seconds=1)  # then twice as long each time


@dataclass(frozen=True, slots=True, order=True)
class Counter:
    """``free`` failures cost nothing; then the delay grows up to ``longest``.

    A success ends a ``narrow`` counter, and takes itself back from a wide one, which
    others share.
    """

    key_digest: str
    free: int
    longest: timedelta
    narrow: bool

    def delay(self, failures: int) -> timedelta:
        """How long nobody may try after so many failures."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        doubled = FIRST_DELAY * (1 << min(beyond, 30))
        return min(doubled, self.longest)


def narrow(what: str, *facts: object) -> Counter:
    """Of one who tries from one place: five failures, then up to a quarter hour."""
    return Counter(_key(what, facts), 5, timedelta(minutes=15), narrow=True)


def wide(what: str, *facts: object, free: int) -> Counter:
    """Of what many may share: patient, then one try each five minutes."""
    return Counter(_key(what, facts), free, timedelta(minutes=5), narrow=False)


def check(session: Session, counters: Iterable[Counter], *, now: datetime) -> None:
    """``TooManyTries`` where one of them says wait; a flood of tries writes nothing."""
    keys = [one.key_digest for one in counters]
    query = select(func.max(Try.free_at)).where(Try.key_digest.in_(keys))
    free_at = session.scalar(query)
    if free_at is not None and free_at > now:
        raise _too_early(free_at - now)


def admit(session: Session, counters: Iterable[Counter], *, now: datetime) -> None:
    """Count a try at each counter; ``TooManyTries`` where one of them says wait.

    Commit before the secret is proved. A try that is refused counts nowhere, because
    the exception rolls back.
    """
    waits = [_count(session, one, now) for one in sorted(counters)]
    if longest := max((wait for wait in waits if wait), default=None):
        raise _too_early(longest)


def succeeded(session: Session, counters: Iterable[Counter]) -> None:
    """The try was right: its own counter ends, wide ones forget this try."""
    for one in sorted(counters):
        key = Try.key_digest == one.key_digest
        if one.narrow:
            session.execute(delete(Try).where(key))
        else:
            back = update(Try).where(key, Try.failures > 0)
            session.execute(back.values(failures=Try.failures - 1))


def forget(session: Session, *, now: datetime) -> int:
    """Drop counters whose last try is long ago; how many."""
    return claims.changed(session, delete(Try).where(*_forgotten(now)))


def next_forgotten(session: Session) -> datetime | None:
    """When the oldest counter is to be dropped."""
    last = session.scalar(select(func.min(Try.last_at)))
    return last + FORGOTTEN if last else None


def _too_early(wait: timedelta) -> TooManyTries:
    return TooManyTries(max(1, math.ceil(wait.total_seconds())))


def _key(what: str, facts: Sequence[object]) -> str:
    return ring.keyring.digest("try", "\0".join([what, *map(str, facts)]))


def _forgotten(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Try.last_at <= now - FORGOTTEN, Try.free_at <= now


def _count(session: Session, counter: Counter, now: datetime) -> timedelta | None:
    """Count one try; how long to wait where it is too early."""
    key = Try.key_digest == counter.key_digest
    session.execute(delete(Try).where(key, *_forgotten(now)))
    while True:
        claim = (
            update(Try)
            .where(key, Try.free_at <= now)
            .values(
                failures=Try.failures + 1, free_at=_free_at(counter, now), last_at=now
            )
            .execution_options(synchronize_session=False)
        )
        if claims.changed(session, claim):
            return None
        free_at = session.scalar(select(Try.free_at).where(key))
        if free_at is not None:
            return free_at - now
        if _insert(session, counter, now):
            return None


def _insert(session: Session, counter: Counter, now: datetime) -> bool:
    """The first failure; False where a rival was first."""
    row = Try(
        key_digest=counter.key_digest,
        failures=1,
        free_at=now + counter.delay(1),
        last_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _free_at(counter: Counter, now: datetime) -> ColumnElement[datetime]:
    """The end of the delay that follows from the failures in the row."""
    steps = [(Try.failures < counter.free - 1, literal(now, UtcDateTime))]
    failures = counter.free
    while (delay := counter.delay(failures)) < counter.longest:
        steps.append((Try.failures < failures, literal(now + delay, UtcDateTime)))
        failures += 1
    return case(*steps, else_=literal(now + counter.longest, UtcDateTime))
