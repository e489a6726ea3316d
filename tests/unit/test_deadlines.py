"""Work with a deadline: it ends in time, and what is left behind is bounded."""

import threading
from collections.abc import Iterator

import pytest

from core.deadlines import Desks, Late

SOON, LONG = 0.05, 30.0


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """What hangs waits for it; it comes with the end of the test."""
    event = threading.Event()
    yield event
    event.set()


def fail() -> None:
    raise LookupError("nothing there")


def test_the_work_returns_or_raises_what_it_does():
    desks = Desks(1)
    assert desks.within(LONG, lambda: "done") == "done"
    with pytest.raises(LookupError):
        desks.within(LONG, fail)
    assert desks.within(LONG, lambda: "again", waiting=LONG) == "again"


def test_a_side_that_hangs_gets_no_more_threads_and_others_are_served(
    hang: threading.Event,
):
    desks, begun = Desks(2), []

    def work() -> None:
        begun.append(1)
        hang.wait()

    for _ in range(2):
        with pytest.raises(Late, match="in time"):
            desks.within(SOON, work, of="one")
    for _ in range(3):
        with pytest.raises(Late, match="unanswered"):
            desks.within(SOON, work, of="one")
    assert len(begun) == 2
    assert desks.within(LONG, lambda: "done", of="another") == "done"


def test_what_ends_at_last_gives_its_desk_back(hang: threading.Event):
    desks = Desks(1)
    with pytest.raises(Late):
        desks.within(SOON, hang.wait, of="one")
    hang.set()
    assert desks.within(LONG, lambda: "done", of="one", waiting=LONG) == "done"
