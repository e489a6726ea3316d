"""The sentinel process: looks every second, repairs, speaks up, stands in.

Where no worker has a pulse, or what is due stays undone, it runs the worker's safety
duties itself, so that a dead or stuck worker delays an alert by seconds and not until
somebody notices.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import requests
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids, rounds
from core.words import Lane, MessageKind
from models import Organisation, User, database, migrate
from safety import informing, sentinel
from safety.sentinel import Findings
from server.processes import pulse, stopping
from server.processes.standing_in import Senders
from server.processes.worker import Worker
from server.runtime import Runtime
from server.settings import WATCHDOG_TIMEOUT_S

log = structlog.get_logger("vouchsafe.sentinel")

ROUND_S = 1.0
LOGGED_EVERY = 60
PING_EVERY = 10
WARN_EVERY_S = 300
LAST_WORDS_S = 10.0  # for what is being sent when it is told to stop
GRACE = timedelta(seconds=10)  # a worker that starts with us may take so long to beat


class Sentinel:
    """Looks on until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stopping = threading.Event()
        self.pulse_id = ids.new()
        self.started_at: datetime | None = None
        self.rounds = 0
        self.senders = Senders(runtime)

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; the round in hand is finished first."""
        stopping.when_asked(self.stopping.set)
        log.info("sentinel started")
        failures = 0
        while not self.stopping.wait(ROUND_S):
            try:
                if migrate.obstacle(self.runtime.engine) is not None:
                    log.critical("the schema has moved on: this sentinel stops")
                    break
                self.look()
                failures = 0
            except Exception as error:
                failures += 1
                if failures % LOGGED_EVERY == 1:  # an outage fills no disk
                    log.error("a round failed", times=failures, exc_info=error)
        self.senders.finish(LAST_WORDS_S)
        with self.runtime.sessions.begin() as session:
            pulse.end(session, self.pulse_id)
        log.info("sentinel stopped")

    def look(self) -> Findings:
        """One round: inspect, repair, stand in, speak up, report to the outside.

        Each part stands on its own: one that fails keeps no other from being done.
        """
        with database.reading(self.runtime.sessions) as session:
            now = self.runtime.clock.now(session)
            findings = sentinel.inspect(session, now=now)
        self.started_at = self.started_at or now
        starting = now < self.started_at + GRACE
        parts: list[Callable[[], int]] = [self._beat, partial(self._repair, findings)]
        if findings.late and not starting:
            parts += self._stand_in()
        if not starting:
            parts.append(partial(self._speak_up, findings))
        rounds.total(parts)
        if findings.clean:
            self._ping()
        return findings

    def _beat(self) -> int:
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            pulse.beat(session, self.pulse_id, "sentinel", now=now)
        return 1

    def _repair(self, findings: Findings) -> int:
        sessions, clock_now = self.runtime.sessions, self.runtime.clock.now
        return sentinel.repair(sessions, findings, clock_now=clock_now)

    def _stand_in(self) -> list[Callable[[], int]]:
        """What a worker would do; claims keep it harmless beside one that wakes up."""
        return [Worker(self.runtime).guard, self.senders.wake]

    def _speak_up(self, findings: Findings) -> int:
        """Log it; tell the safety officers of each organisation that it concerns."""
        if findings.clean and not findings.undelivered:
            return 0
        log.critical("not clean", **findings.counts())
        with database.reading(self.runtime.sessions) as session:
            everyone = session.scalars(select(Organisation.id)).all()
        concerned = findings.organisations if findings.worker_alive else everyone
        return rounds.total(partial(self._warn, one) for one in concerned)

    def _warn(self, organisation_id: UUID) -> int:
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            return warn(session, organisation_id, now=now)

    def _ping(self) -> None:
        """Tell the outside watchdog that all is well; its silence is its alarm."""
        self.rounds += 1
        url = self.runtime.settings.watchdog_url
        if url is None or self.rounds % PING_EVERY:
            return
        try:
            requests.get(url, timeout=WATCHDOG_TIMEOUT_S)
        except requests.RequestException as error:
            log.error("the watchdog was not reached", error=type(error).__name__)


def warn(session: Session, organisation_id: UUID, *, now: datetime) -> int:
    """Tell its safety officers, at most once in five minutes; how many were told.

    One to whom an earlier warning could not be delivered yet gets no second one.
    """
    body = wording.sentinel_warning(
        language=informing.language(session, organisation_id)
    )
    period = int(now.timestamp()) // WARN_EVERY_S
    told = 0
    for user in staff.on_call(session, organisation_id):
        if outbox.waits(session, user.id, MessageKind.SENTINEL):
            continue
        message = outbox.enqueue(
            session,
            organisation_id=organisation_id,
            kind=MessageKind.SENTINEL,
            lane=Lane.ALERT,
            dedup_key=f"sentinel:{period}:{user.id}",
            recipient=User.phone.readable(user),
            body=body,
            user_id=user.id,
            now=now,
        )
        told += message is not None
    return told
