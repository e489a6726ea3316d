"""Work that ends in time, whatever the other side drips, and never without a bound."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")
Outcome = tuple[T, None] | tuple[None, Exception]


class Late(TimeoutError):
    """Nobody waits for this work any longer, or it was not even begun."""


class Crowded(Late):
    """So much of that side is unanswered that this was not begun."""


class Desks:
    """So many pieces of work at once on each side; one left behind keeps its desk.

    Libraries count their time-outs anew for every byte, so the work runs in a thread of
    its own that is left behind when it takes too long. A side whose desks are all taken
    gets no more threads; other sides have desks of their own.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self._taken: Counter[Hashable] = Counter()
        self._freed = threading.Condition()

    def within(
        self,
        seconds: float,
        work: Callable[[], T],
        *,
        of: Hashable = None,
        waiting: float = 0.0,
    ) -> T:
        """What ``work`` returns or raises, or ``Late`` after so many seconds.

        ``of`` is the other side; for a desk there one waits ``waiting`` seconds.
        """
        self._sit_down(of, waiting)
        answers: SimpleQueue[Outcome[T]] = SimpleQueue()

        def run() -> None:
            try:
                answer = _outcome(work)
            finally:
                self._stand_up(of)
            answers.put(answer)

        try:
            threading.Thread(target=run, name="within", daemon=True).start()
        except RuntimeError:  # the machine has no more threads
            self._stand_up(of)
            raise
        try:
            found, failure = answers.get(timeout=seconds)
        except Empty as error:
            raise Late("no answer in time") from error
        if failure is not None:
            raise failure
        return found  # type: ignore[return-value]

    def _sit_down(self, of: Hashable, waiting: float) -> None:
        with self._freed:
            if not self._freed.wait_for(
                lambda: self._taken[of] < self.at_once, timeout=waiting
            ):
                raise Crowded("too much is unanswered already")
            self._taken[of] += 1

    def _stand_up(self, of: Hashable) -> None:
        with self._freed:
            self._taken[of] -= 1
            if not self._taken[of]:
                del self._taken[of]
            self._freed.notify_all()


def _outcome(work: Callable[[], T]) -> Outcome[T]:
    try:
        return work(), None
    except Exception as error:
        return None, error
