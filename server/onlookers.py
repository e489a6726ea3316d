"""Who looks on at alerts live: one reader of the database for all streams of a process.

A stream gets pings with ids only; its client then reads what he may. The reader waits
for NOTIFY on PostgreSQL and polls on SQLite, and only while somebody looks on.
"""

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from accounts import access, logins
from accounts.access import Action
from core import ids
from core.actor import Actor
from core.errors import Forbidden
from models import database, wake
from safety import alert_changes
from safety.alert_changes import Change
from server import clock
from server.processes.waking import Waker
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.onlookers")

MOST = 100  # streams of one process; the lane has some threads more, to say so
OF_ONE_LOG_IN = 4  # then the oldest ends: a page that was reloaded leaves one behind
OVERLAP = timedelta(minutes=1)  # longer than any transaction lasts, and clocks differ
LOGIN_CHECK_S = 2.0
BREATH_S = 0.1  # many changes at once are read at once
FAILED_S = 1.0
START_S = 10
Ping = Change | None  # ``None``: read everything again


@dataclass(eq=False)
class Onlooker:
    """One stream: whose it is, until when, and what is still to be sent."""

    actor: Actor
    login_session_id: UUID
    until: datetime
    ended: bool = False
    pings: "queue.SimpleQueue[Ping]" = field(default_factory=queue.SimpleQueue)

    def end(self) -> None:
        """No more pings; whoever waits for one wakes up."""
        self.ended = True
        self.pings.put(None)


class Onlookers:
    """All streams of this process, and the thread that reads for them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.here: list[Onlooker] = []
        self.closed = False
        self.lock = threading.Lock()
        self.reader: Reader | None = None

    def join(self, onlooker: Onlooker) -> bool:
        """From now on he gets pings; False where there are too many, or we end."""
        with self.lock:
            if self.closed or len(self.here) >= MOST:
                return False
            same = onlooker.login_session_id
            own = [one for one in self.here if one.login_session_id == same]
            if len(own) >= OF_ONE_LOG_IN:
                own[0].end()
            self.here.append(onlooker)
            if self.reader is None:
                self.reader = Reader(self)
                self.reader.start()
            ready = self.reader.ready
        ready.wait(START_S)
        return True

    def leave(self, onlooker: Onlooker) -> None:
        """The stream has ended; the last one ends the reader too."""
        with self.lock:
            if onlooker in self.here:
                self.here.remove(onlooker)
            if not self.here:
                self._stop_reading()

    def close(self) -> None:
        """The process ends: so do all streams and their reader, and no other begins."""
        with self.lock:
            self.closed = True
            self._stop_reading()
        for onlooker in self.present():
            onlooker.end()

    def _stop_reading(self) -> None:
        if self.reader is not None:
            self.reader.stopping.set()
            self.reader = None

    def present(self) -> Sequence[Onlooker]:
        """Those who look on now."""
        with self.lock:
            return tuple(self.here)


class Reader(threading.Thread):
    """Reads what changed, once for everybody; ends when nobody looks on any more."""

    def __init__(self, onlookers: Onlookers) -> None:
        super().__init__(name="onlookers", daemon=True)
        self.onlookers, self.runtime = onlookers, onlookers.runtime
        self.stopping, self.ready = threading.Event(), threading.Event()
        self.waker = Waker(self.runtime, self.stopping, wake.ALERTS)
        self.seen: set[UUID] | None = None  # ``None``: what was before is unknown
        self.checked = clock.real()

    def run(self) -> None:
        """Until ``stopping``; after a failure everybody is told to read again."""
        self.waker.start()
        while not self.stopping.is_set():
            try:
                self._round()
                self.ready.set()
                self.waker.wait("alerts", self.waker.longest)
                self.stopping.wait(BREATH_S)
            except Exception as error:
                log.error("reading for onlookers failed", exc_info=error)
                self.seen = None
                self.stopping.wait(FAILED_S)

    def _round(self) -> None:
        present = self.onlookers.present()
        with database.reading(self.runtime.sessions) as session:
            start = ids.earliest(clock.real() - OVERLAP)
            found = alert_changes.since(session, start)
            seen = self.seen or set()
            fresh = [one for one in found if one.entry_id not in seen]
            actors = [one.actor for one in present]
            told = alert_changes.told_of(session, actors, fresh)
            if clock.real() - self.checked > timedelta(seconds=LOGIN_CHECK_S):
                ids_of = {one.login_session_id for one in present}
                self._check(present, logins.standing(session, ids_of))
        first, self.seen = self.seen is None, {one.entry_id for one in found}
        for onlooker in present:
            if first and self.ready.is_set():
                onlooker.pings.put(None)
            for change in () if first else fresh:
                if change.concerns(onlooker.actor, told):
                    onlooker.pings.put(change)

    def _check(self, present: Sequence[Onlooker], standing: dict[UUID, Actor]) -> None:
        """A log-in that ended ends its streams; a role that changed counts at once."""
        self.checked = clock.real()
        for onlooker in present:
            actor = standing.get(onlooker.login_session_id)
            if actor is None or not _may(actor) or self.checked >= onlooker.until:
                onlooker.end()
            else:
                onlooker.actor = actor


def _may(actor: Actor) -> bool:
    try:
        access.require(actor, Action.READ_ALERTS)
    except Forbidden:
        return False
    return True
