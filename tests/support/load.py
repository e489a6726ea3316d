"""Collectors who raise SOS after SOS over HTTP, and what each of them was promised."""

import threading
import time
from dataclasses import dataclass, field
from uuid import UUID

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from accounts import safety_tokens
from core import ids
from core.words import Role
from models import Device, Organisation, WatchEvent, database
from server import clock
from tests.support.make import Make
from tests.support.premises import Premises, until


@dataclass
class Load:
    """``stored``: each event that was answered ``stored``, with the instant before it.

    ``waits``: how long each answer took, in seconds. ``cut``: requests without one.
    """

    premises: Premises
    make: Make
    organisation: Organisation
    pause_s: float = 0.0
    stored: list[tuple[float, UUID]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    cut: list[UUID] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, writers: int) -> "Load":
        """So many collectors, each with a phone of his own."""
        tokens = [self._token() for _ in range(writers)]
        self.make.session.commit()
        for token in tokens:
            self.threads.append(threading.Thread(target=self._write, args=(token,)))
            self.threads[-1].start()
        until("every writer to write", lambda: len(self.stored) > 2 * writers)
        return self

    def _token(self) -> str:
        user = self.make.user(self.organisation, Role.COLLECTOR)
        device = Device(
            organisation_id=user.organisation_id,
            user_id=user.id,
            app_id=ids.new(),
            created_at=self.premises.clock.now(),
            last_login_at=self.premises.clock.now(),
        )
        self.make.session.add(device)
        self.make.session.flush()
        actor = self.make.actor(user)
        actor = type(actor)(actor.organisation_id, actor.user_id, actor.role, device.id)
        return safety_tokens.issue(actor=actor, now=clock.real())

    def _write(self, token: str) -> None:
        with requests.Session() as http:
            http.headers["Authorization"] = f"Bearer {token}"
            while not self.stopping.is_set():
                self._sos(http)
                self.stopping.wait(self.pause_s)

    def _sos(self, http: requests.Session) -> None:
        event_id, began = ids.new(), time.monotonic()
        url = f"{self.premises.base}/v1/mobile/sos"
        try:
            answer = http.post(url, json={"event_id": str(event_id)}, timeout=30)
        except requests.ConnectionError as error:
            if "refused" not in str(error):  # the door is closed: nothing was accepted
                self.cut.append(event_id)
            self.stopping.wait(0.05)
            return
        if answer.ok and answer.json()["stored"]:
            self.waits.append(time.monotonic() - began)
            self.stored.append((time.monotonic(), event_id))
        else:
            self.refused.append(answer.status_code)

    def stop(self) -> None:
        """Nobody writes any more."""
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def missing(
        self, sessions: sessionmaker[Session], *, before: float = float("inf")
    ) -> set[UUID]:
        """What was answered ``stored`` before that instant and is not there."""
        promised = {event_id for at, event_id in self.stored if at < before}
        with database.reading(sessions) as session:
            there = set(session.scalars(select(WatchEvent.event_id)))
        return promised - there
