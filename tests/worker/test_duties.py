"""A duty that fails is tried again: soon, and not without end at the same pace."""

import threading

import pytest
from sqlalchemy.orm import Session

from server.processes import worker
from server.processes.worker import Duty, Worker
from tests.support.world import World


class Nights(threading.Event):
    """Counts how long somebody rested, and ends after so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left, self.rested = times, []

    def wait(self, timeout: float | None = None) -> bool:
        """At once."""
        self.rested.append(timeout)
        self.left -= 1
        if not self.left:
            self.set()
        return self.is_set()


def fails(_: Session) -> None:
    raise RuntimeError("as ever")


@pytest.mark.parametrize(
    ("longest", "rested"),
    [
        (worker.LONGEST_FAILED_S, [0.5, 1, 2, 3, 3]),
        (worker.PURGE_FAILED_S, [0.5, 1, 2, 4, 8]),
    ],
)
def test_it_rests_twice_as_long_each_time_up_to_its_longest(
    world: World, longest: float, rested: list[float]
):
    one = Worker(world.app.extensions["vouchsafe"])
    one.stopping = Nights(len(rested))
    one._repeat(Duty("try", lambda: 0, fails, longest))
    assert one.stopping.rested == rested


def test_a_purge_that_fails_does_not_fill_the_book_of_receipts(world: World):
    one = Worker(world.app.extensions["vouchsafe"])
    longest = {duty.name: duty.longest_failed_s for duty in one.duties()}
    assert longest.pop("purge") == 600
    assert set(longest.values()) == {3.0}
