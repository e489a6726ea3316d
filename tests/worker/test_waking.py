"""Who sleeps is woken by somebody else's commit, and by nothing else."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import wake
from server.processes.waking import Waker
from tests.support.databases import Database
from tests.support.make import Make
from tests.support.world import World

LONG_S = 20.0


@pytest.fixture
def waker(database: Database, world: World) -> Iterator[Waker]:
    """Somebody who listens, and whose bell has rung for what was before."""
    stopping = threading.Event()
    waker = Waker(world.app.extensions["vouchsafe"], stopping)
    waker.start()
    time.sleep(1)
    waker.wait("duty", 0)
    yield waker
    stopping.set()


def slept(waker: Waker, longest_s: float) -> float:
    """Seconds until it woke up."""
    begun = time.monotonic()
    waker.wait("duty", longest_s)
    return time.monotonic() - begun


def test_a_commit_of_somebody_else_wakes_him(
    waker: Waker, session: Session, make: Make
):
    def work() -> None:
        make.organisation()
        wake.workers(session)
        session.commit()

    timer = threading.Timer(0.5, work)
    timer.start()
    assert 0.4 < slept(waker, LONG_S) < LONG_S / 2
    timer.join()


def test_who_is_not_called_sleeps_on_though_others_read(
    waker: Waker, session: Session, make: Make
):
    timer = threading.Timer(0.2, session.connection)
    timer.start()
    assert slept(waker, 1.0) >= 1.0
    timer.join()
