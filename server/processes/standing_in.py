"""A worker's senders of what is urgent, at work for the sentinel while none lives.

Each is a thread of its own, so that a gateway which hangs holds a few of them and never
who looks on.
"""

import threading
import time
from queue import Empty, SimpleQueue

from contact import dispatch
from core.words import Lane
from models import database
from safety import sentinel
from server.processes import worker
from server.processes.worker import Duty
from server.runtime import Runtime


class Senders:
    """As many for each urgent lane as a worker has; woken, they do one round each."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._at_work: dict[str, threading.Thread] = {}
        self._failed: SimpleQueue[Exception] = SimpleQueue()

    def wake(self) -> int:
        """Whoever has nothing in hand takes what is due; how many set out.

        Nobody is waited for. What failed since the last time is raised then.
        """
        idle = [
            duty
            for lane in self._due()
            for duty in worker.senders(self.runtime, lane)
            if not self._is_at_work(duty)
        ]
        for duty in idle:
            thread = threading.Thread(
                target=self._round, args=(duty,), name=duty.name, daemon=True
            )
            self._at_work[duty.name] = thread
            thread.start()
        if failures := self._failures():
            raise ExceptionGroup("not everything could be sent", failures)
        return len(idle)

    def finish(self, seconds: float) -> None:
        """Wait so long for what they have in hand; what is left is leased, not lost."""
        end = time.monotonic() + seconds
        for thread in self._at_work.values():
            thread.join(max(0.0, end - time.monotonic()))

    def _due(self) -> list[Lane]:
        with database.reading(self.runtime.sessions) as session:
            now = self.runtime.clock.now(session)
            dues = {lane: dispatch.next_due(session, lane) for lane in sentinel.URGENT}
        return [lane for lane, due in dues.items() if due is not None and due <= now]

    def _is_at_work(self, duty: Duty) -> bool:
        thread = self._at_work.get(duty.name)
        return thread is not None and thread.is_alive()

    def _round(self, duty: Duty) -> None:
        try:
            duty.work()
        except Exception as error:
            self._failed.put(error)

    def _failures(self) -> list[Exception]:
        found = []
        while True:
            try:
                found.append(self._failed.get_nowait())
            except Empty:
                return found
