"""The sentinel process: looks every second, repairs, speaks up, stands in.

When no worker has a pulse it runs the worker's safety duties itself, so that a dead
worker delays an alert by seconds and not until somebody notices.
"""

import signal
import socket
import threading
from datetime import datetime, timedelta
from functools import partial

import requests
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from contact import outbox, wording
from core import ids, rounds
from core.words import Lane, MessageKind
from models import Organisation, ProcessPulse
from safety import informing, recipients, sentinel
from safety.sentinel import Findings
from server.processes.worker import Worker, send
from server.runtime import Runtime
from server.settings import WATCHDOG_TIMEOUT_S

log = structlog.get_logger("vouchsafe.sentinel")

ROUND_S = 1.0
PING_EVERY = 10
SHOUT_EVERY_S = 300
GRACE = timedelta(seconds=10)  # a worker that starts with us may take so long to beat


class Sentinel:
    """Looks on until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stopping = threading.Event()
        self.pulse_id = ids.new()
        self.started_at: datetime | None = None
        self.rounds = 0

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        log.info("sentinel started")
        while not self.stopping.wait(ROUND_S):
            try:
                self.look()
            except Exception as error:
                log.error("a round failed", exc_info=error)

    def look(self) -> Findings:
        """One round: inspect, repair, speak up, stand in, report to the outside."""
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            self._beat(session, now)
            findings = sentinel.inspect(session, now=now)
            sentinel.repair(session, findings, now=now)
            assert self.started_at is not None
            starting = now < self.started_at + GRACE
            if not findings.clean and not starting:
                log.critical("not clean", **findings.counts())
                shout(session, findings, now=now)
        if not findings.worker_alive and not starting:
            self._stand_in()
        if findings.clean:
            self._ping()
        return findings

    def _beat(self, session: Session, now: datetime) -> None:
        self.started_at = self.started_at or now
        pulse = session.get(ProcessPulse, self.pulse_id) or ProcessPulse(
            id=self.pulse_id,
            kind="sentinel",
            host=socket.gethostname(),
            started_at=now,
            beat_at=now,
        )
        pulse.beat_at = now
        session.add(pulse)

    def _stand_in(self) -> None:
        """Do what a worker would do; claims keep it harmless beside a waking worker."""
        lanes = (Lane.SOS, Lane.ALERT)
        sending = [partial(send, self.runtime, lane) for lane in lanes]
        rounds.total([Worker(self.runtime).guard, *sending])

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


def shout(session: Session, findings: Findings, *, now: datetime) -> None:
    """Tell safety officers of every organisation, at most once in five minutes."""
    period = int(now.timestamp()) // SHOUT_EVERY_S
    for organisation in session.scalars(select(Organisation)):
        for user in recipients.officers(session, organisation.id, on_duty=True):
            outbox.enqueue(
                session,
                organisation_id=organisation.id,
                kind=MessageKind.SENTINEL,
                lane=Lane.ALERT,
                dedup_key=f"sentinel:{period}:{user.id}",
                recipient=user.phone,
                body=wording.sentinel_warning(
                    language=informing.language(session, organisation.id)
                ),
                user_id=user.id,
                now=now,
            )
