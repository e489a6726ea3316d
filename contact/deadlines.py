"""Work that ends in time, whatever the other side drips."""

from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns or raises, or ``TimeoutError`` after so many seconds.

    Libraries count their time-outs anew for every byte, so the work runs in a thread of
    its own that is left behind when it takes too long.
    """
    answers: Queue[tuple[T, None] | tuple[None, Exception]] = Queue()

    def run() -> None:
        try:
            answers.put((work(), None))
        except Exception as error:
            answers.put((None, error))

    Thread(target=run, name="within", daemon=True).start()
    try:
        found, failure = answers.get(timeout=seconds)
    except Empty as error:
        raise TimeoutError("no answer in time") from error
    if failure is not None:
        raise failure
    return found  # type: ignore[return-value]
