"""The worker: opens alerts for missed dues, climbs ladders, sends, seals, ends, beats.

One thread for each duty, so that none waits behind another: the watch loop, one sender
for each lane, the sealer, who takes case files, and the pulse. All state is in the
database; killing a worker at any point loses nothing, and any number of them may run on
PostgreSQL.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from accounts import repeats, sealer, sources, tries
from contact import carriers, dispatch
from contact.webhooks import intake, sending
from contact.webhooks import leases as webhook_leases
from core import ids, rounds
from core.words import Lane
from credentials import photos
from models import MessageChannel, database, migrate
from planning import import_jobs
from safety import duress, escalation, purging, unknown_checks, watch_loop
from server import clock, metrics, tracing
from server.compose import visit_ends
from server.processes import pulse, stopping
from server.processes.waking import Waker
from server.runtime import Runtime

log = structlog.get_logger("vouchsafe.worker")

BREATH_S = 0.05  # after a round that found its rows held by others
FAILED_S = 0.5
LONGEST_FAILED_S = 3.0
PURGE_FAILED_S = 600.0  # each try leaves receipts, and nobody's safety waits for it
LOGGED_EVERY = 20
# several for what is urgent; the spare ones serve only organisations for which nobody
# is sending, so that all others may hang at one dead gateway
SENDERS = {Lane.SOS: 3, Lane.ALERT: 3, Lane.ORDINARY: 1}
SPARE = {Lane.SOS: 2, Lane.ALERT: 2, Lane.ORDINARY: 1}
WEBHOOKS, SPARE_WEBHOOKS = 2, 1


@dataclass(frozen=True)
class Duty:
    """One round of ``work`` after the other; it sleeps until ``next_due``.

    ``longest_failed_s``: how long it rests at most before it is tried again.
    """

    name: str
    work: Callable[[], int]
    next_due: Callable[[Session], datetime | None]
    longest_failed_s: float = LONGEST_FAILED_S


def _earliest(session: Session) -> datetime | None:
    """The next due of a watch or action of an alert, or a PIN to act on."""
    safety = (watch_loop, duress, escalation)
    dues = (one.next_due(session) for one in safety)
    return min((due for due in dues if due), default=None)


def _due_in(lane: Lane) -> Callable[[Session], datetime | None]:
    return lambda session: dispatch.next_due(session, lane)


class Worker:
    """Runs its duties until it is told to stop."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.stopping = threading.Event()
        self.pulse_id = ids.new()
        self.waker = Waker(runtime, self.stopping)
        self.failures: dict[str, int] = {}  # by duty, since it last succeeded

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; what is in hand is finished first."""
        stopping.when_asked(self.stopping.set)
        self.beat()
        threads = [
            threading.Thread(
                target=self._repeat, args=(duty,), name=duty.name, daemon=True
            )
            for duty in self.duties()
        ]
        self.waker.start()
        for thread in threads:
            thread.start()
        log.info("worker started")
        while not self.stopping.wait(pulse.BEAT_S):
            self._try("pulse", self.beat)
        for thread in threads:
            thread.join(10)
        self._try("pulse", self._end)
        log.info("worker stopped")

    def duties(self) -> list[Duty]:
        """The watch loop, a sender for each lane, the sealer, what ends by time."""
        carrying = [one for lane in SENDERS for one in senders(self.runtime, lane)]
        return [
            Duty("watch", self.guard, _earliest),
            *carrying,
            Duty("seal", self.seal, sealer.next_due),
            Duty("end", self.end_forgotten, visit_ends.next_forgotten),
            Duty("import", self.take_files, import_jobs.next_due),
            Duty("forget", self.forget, tries.next_forgotten),
            Duty("forget answers", self.forget_answers, repeats.next_due),
            *self._webhooks(),
            Duty("purge", self.purge, purging.next_due, PURGE_FAILED_S),
        ]

    def _webhooks(self) -> list[Duty]:
        """Sealed events to deliveries, and senders of their own for these."""
        sessions, clock_now = self.runtime.sessions, self.runtime.clock.now
        take_in = partial(intake.take_in, sessions, clock_now=clock_now)
        senders = [
            Duty(
                f"webhooks {n}",
                partial(send_events, self.runtime, spare=n >= WEBHOOKS),
                webhook_leases.next_due,
            )
            for n in range(WEBHOOKS + SPARE_WEBHOOKS)
        ]
        return [Duty("take in events", take_in, intake.next_due), *senders]

    def guard(self) -> int:
        """Overdue watches, what PINs said, ladders: each whatever came of others."""
        sessions, clock_now = self.runtime.sessions, self.runtime.clock.now
        return rounds.total(
            partial(work, sessions, clock_now=clock_now)
            for work in (watch_loop.sweep, duress.judge_due, escalation.run_due)
        )

    def seal(self) -> int:
        """Chain what was committed."""
        return sealer.seal(self.runtime.sessions, clock_now=self.runtime.clock.now)

    def end_forgotten(self) -> int:
        """Visits whose last visitor never came."""
        sessions, clock_now = self.runtime.sessions, self.runtime.clock.now
        return visit_ends.end_forgotten(sessions, clock_now=clock_now)

    def take_files(self) -> int:
        """The oldest case file that nobody has; told to stop, it leaves the rest."""
        return import_jobs.run_next(
            self.runtime.sessions,
            clock_now=self.runtime.clock.now,
            stopping=self.stopping.is_set,
        )

    def forget(self) -> int:
        """Counters of tries that are long over, and addresses of long ago."""
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            return tries.forget(session, now=now) + sources.forget(session, now=now)

    def forget_answers(self) -> int:
        """What was kept for a repeat that did not come."""
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            return repeats.forget(session, now=now)

    def purge(self) -> int:
        """What is older than its rule allows, once a day, and files nobody needs."""
        sessions, clock_now = self.runtime.sessions, self.runtime.clock.now
        works = [
            partial(work, sessions, clock_now=clock_now)
            for work in (purging.run_due, unknown_checks.purge)
        ]
        if (folder := self.runtime.photos) is not None:
            works.append(partial(photos.sweep, sessions, folder, now=clock.real()))
        return rounds.total(works)

    def beat(self) -> int:
        """Show that this worker lives, on a schema that it speaks."""
        if migrate.obstacle(self.runtime.engine) is not None:
            log.critical("the schema has moved on: this worker stops")
            self.stopping.set()
            return 0
        with self.runtime.sessions.begin() as session:
            now = self.runtime.clock.now(session)
            pulse.beat(session, self.pulse_id, "worker", now=now)
        return 1

    def _end(self) -> None:
        with self.runtime.sessions.begin() as session:
            pulse.end(session, self.pulse_id)

    def _repeat(self, duty: Duty) -> None:
        while not self.stopping.is_set():
            work = partial(self._turn, duty)
            self._try(duty.name, work, longest_s=duty.longest_failed_s)

    def _turn(self, duty: Duty) -> None:
        """Work where something is due, else sleep; nobody spins on a held row."""
        pause = self._pause(duty) or (0.0 if duty.work() else BREATH_S)
        if pause:
            self.waker.wait(duty.name, pause)

    def _pause(self, duty: Duty) -> float:
        """Seconds until the duty has something to do, at most the waker's longest."""
        with database.reading(self.runtime.sessions) as session:
            due = duty.next_due(session)
            left = due - self.runtime.clock.now(session) if due else None
        longest = self.waker.longest
        return longest if left is None else max(0.0, min(longest, left.total_seconds()))

    def _try(
        self,
        name: str,
        work: Callable[[], object],
        *,
        longest_s: float = LONGEST_FAILED_S,
    ) -> None:
        """A round that fails is tried again after a pause that doubles to the longest.

        It is logged at first and then about once a minute: an outage fills no disk.
        """
        try:
            work()
            self.failures.pop(name, None)
        except Exception as error:
            times = self.failures[name] = self.failures.get(name, 0) + 1
            if times == 1 or times % LOGGED_EVERY == 0:
                log.error("a duty failed", duty=name, times=times, exc_info=error)
            pause = FAILED_S * 2 ** min(times - 1, 12)
            self.stopping.wait(min(pause, longest_s))


def senders(runtime: Runtime, lane: Lane) -> list[Duty]:
    """Everyone who sends what waits in a lane, the spare ones last."""
    many = SENDERS[lane]
    return [
        Duty(
            f"send {lane} {n}",
            partial(send, runtime, lane, spare=n >= many),
            _due_in(lane),
        )
        for n in range(many + SPARE[lane])
    ]


def send(runtime: Runtime, lane: Lane, *, spare: bool = False) -> int:
    """One round of one lane."""
    folder = runtime.settings.home / "messages"

    def carry(channel: MessageChannel) -> carriers.Carrier:
        found = carriers.for_channel(
            channel,
            folder=folder,
            demo=runtime.demo,
            anywhere=runtime.settings.webhooks_anywhere,
            public_url=runtime.settings.public_url,
        )
        return metrics.Timed(tracing.Traced(found, channel.kind.value), runtime)

    return dispatch.round_(
        runtime.sessions,
        lane=lane,
        carry=carry,
        clock_now=runtime.clock.now,
        spare=spare,
        demo=runtime.demo,
    )


def send_events(runtime: Runtime, *, spare: bool = False) -> int:
    """One round of the webhooks."""
    return sending.round_(
        runtime.sessions,
        clock_now=runtime.clock.now,
        stopwatch=time.monotonic,
        anywhere=runtime.settings.webhooks_anywhere,
        spare=spare,
    )
