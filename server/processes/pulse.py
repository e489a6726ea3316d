"""The pulse by which others see that a process lives, and which program it runs."""

import socket
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from core import ids
from models import ProcessPulse, migrate
from safety.sentinel import PULSE
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.pulse")

BEAT_S = 2.0
FORGOTTEN = timedelta(days=1)
LOGGED_EVERY = 30


def beat(session: Session, pulse_id: UUID, kind: str, *, now: datetime) -> None:
    """``kind`` is web, worker or sentinel; the first beat makes the row.

    It also removes the rows of processes that were killed a day ago or earlier.
    """
    pulse = session.get(ProcessPulse, pulse_id)
    if pulse is None:
        pulse = ProcessPulse(
            id=pulse_id,
            kind=kind,
            host=socket.gethostname(),
            started_at=now,
            beat_at=now,
            program=migrate.head(),
        )
        gone = ProcessPulse.beat_at < now - FORGOTTEN
        session.execute(delete(ProcessPulse).where(gone))
    pulse.beat_at = now
    session.add(pulse)


def end(session: Session, pulse_id: UUID) -> None:
    """The process ends as it should; nobody need wait for its pulse to fade."""
    session.execute(delete(ProcessPulse).where(ProcessPulse.id == pulse_id))


def older(session: Session, program: str, *, now: datetime) -> Sequence[ProcessPulse]:
    """Living processes of programs that do not know that revision."""
    behind = or_(ProcessPulse.program.is_(None), ProcessPulse.program < program)
    living = ProcessPulse.beat_at >= now - PULSE
    return session.scalars(select(ProcessPulse).where(living, behind)).all()


class WebPulse:
    """The web server's pulse: a thread that also notes when the schema moves on."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime, self.pulse_id = runtime, ids.new()
        self.stopping = threading.Event()
        self.failures = 0
        self.thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def __enter__(self) -> "WebPulse":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join(BEAT_S)

    def _run(self) -> None:
        while True:
            try:
                self._beat()
                self.failures = 0
            except Exception as error:
                self.failures += 1
                if self.failures % LOGGED_EVERY == 1:  # an outage fills no disk
                    log.error("no pulse", times=self.failures, exc_info=error)
            if self.stopping.wait(BEAT_S):
                break
        with self.runtime.sessions.begin() as session:
            end(session, self.pulse_id)

    def _beat(self) -> None:
        """Outdated: only what keeps people safe is still tried, see ``server.app``."""
        obstacle = migrate.obstacle(self.runtime.engine)
        if obstacle is not None and not self.runtime.standing.outdated:
            log.critical("the schema has moved on: only safety is served")
        self.runtime.standing.outdated = obstacle is not None
        if obstacle is None:
            with self.runtime.sessions.begin() as session:
                now = self.runtime.clock.now(session)
                beat(session, self.pulse_id, "web", now=now)
