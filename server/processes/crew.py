"""Several web processes behind one door: forked, replaced when they die, ended as one.

The door is one socket for all. Who connects waits in its queue until any process lets
him in, so that one that hangs or dies keeps nobody waiting whom it had not let in. With
a queue for each (``SO_REUSEPORT``) he would wait for the one that the kernel chose.
"""

import os
import signal
import socket
import threading
import time

import structlog

from server.processes import door, stopping

log = structlog.get_logger("vouchsafe.crew")

LOOK_S = 0.1
PAUSE_S = 1.0  # between two starts at one place: what cannot start fills no disk
PATIENCE_S = 12.0  # more than web takes to leave, less than the parent's


class Crew:
    """Places for processes, and the leash that all of them hold.

    It leads without threads and connections, which no fork survives.
    """

    def __init__(self, many: int, doors: list[socket.socket]) -> None:
        self.many, self.doors = many, doors
        self.children: dict[int, int] = {}  # the process at each place
        self.started: dict[int, float] = {}
        self.leash, self.end = os.pipe()  # it breaks when we let go of it, or die

    def lead(self) -> int | None:
        """Its place in each process that this forks; ``None`` here, once all ended.

        SIGTERM and SIGINT end it.
        """
        asked = stopping.event()
        while not asked.wait(LOOK_S):
            self._reap()
            for place in self._vacant():
                if self._fork(place):
                    return place
        self._let_go()
        return None

    def told(self) -> threading.Event:
        """In a forked process: set when it should end, by a signal or by the leash."""
        asked = stopping.event()
        hold = threading.Thread(target=self._hold, args=(asked,), daemon=True)
        hold.start()
        return asked

    def _hold(self, asked: threading.Event) -> None:
        os.read(self.leash, 1)
        asked.set()

    def _vacant(self) -> list[int]:
        latest = time.monotonic() - PAUSE_S
        return [
            place
            for place in range(self.many)
            if place not in self.children and self.started.get(place, latest) <= latest
        ]

    def _fork(self, place: int) -> bool:
        """True in the process that it makes; where none can be made now, we try again.

        The others go on meanwhile: they would leave if we did.
        """
        self.started[place] = time.monotonic()
        try:
            pid = os.fork()
        except OSError as error:
            log.error("no web process could be started", place=place, error=str(error))
            return False
        if pid:
            self.children[place] = pid
            return False
        os.close(self.end)
        return True

    def _reap(self) -> None:
        for place, pid in list(self.children.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self.children[place]
                code = os.waitstatus_to_exitcode(status)
                log.error("a web process died", place=place, pid=pid, status=code)

    def _let_go(self) -> None:
        """Our copy of the door first: who comes later is refused, not left waiting."""
        door.close(self.doors)
        os.close(self.end)
        patience = time.monotonic() + PATIENCE_S
        while self.children and time.monotonic() < patience:
            self._await_one()
        for place, pid in self.children.items():
            log.error("a web process did not leave", place=place, pid=pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def _await_one(self) -> None:
        for place, pid in list(self.children.items()):
            if os.waitpid(pid, os.WNOHANG)[0]:
                del self.children[place]
        time.sleep(LOOK_S / 2)
