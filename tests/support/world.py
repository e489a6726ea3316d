"""The whole server in one process: HTTP client, fake clock, worker rounds on demand."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_jwt_extended import create_access_token

from accounts import safety_tokens, sealer
from contact import dispatch
from contact.carriers import Outgoing
from core import ids
from core.words import ChannelKind, Lane
from models import LoginSession, MessageChannel, User
from planning import import_jobs
from safety import duress, escalation, watch_loop
from server import clock as real_clock
from server.app import create_app
from server.onlookers import Onlookers, Reader
from server.runtime import Runtime
from server.settings import Settings
from tests.support.clock import FakeClock
from tests.support.databases import Database
from tests.support.make import Make

SETTINGS = Settings(Path("var"), "", Path("keys"), "https://check.example")
BUILT: list[Flask] = []


@dataclass
class Carried:
    """A carrier that keeps what it carried."""

    sent: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> str:
        """Accept everything."""
        self.sent.append(outgoing)
        return "kept"


class Browser:
    """An HTTP client that carries one token, and changes things however they stand."""

    def __init__(self, world: "World", token: str | None) -> None:
        self.world = world
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.headers["If-Match"] = "*"

    @property
    def client(self) -> FlaskClient:
        """A fresh client; what the test has in hand is committed before the call."""
        self.world.make.session.commit()
        return self.world.app.test_client()

    def get(self, path: str, **query: Any) -> Any:
        """GET with a query."""
        return self.client.get(path, query_string=query, headers=self.headers)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON."""
        return self.client.post(path, json=body, headers=self.headers, **options)

    def put(self, path: str, body: Any = None) -> Any:
        """PUT JSON."""
        return self.client.put(path, json=body, headers=self.headers)

    def upload(self, path: str, data: bytes, kind: str, **headers: str) -> Any:
        """PUT a file."""
        sent = {**self.headers, **headers}
        return self.client.put(path, data=data, content_type=kind, headers=sent)

    def delete(self, path: str, **headers: str) -> Any:
        """DELETE."""
        return self.client.delete(path, headers={**self.headers, **headers})

    def patch(self, path: str, body: Any = None) -> Any:
        """PATCH JSON."""
        return self.client.patch(path, json=body, headers=self.headers)


def application(runtime: Runtime) -> Flask:
    """One application over this runtime, built once: describing it takes half a second.

    A test that needs other settings builds one of its own.
    """
    if not BUILT:
        BUILT.append(create_app(runtime))
    app = BUILT[0]
    app.extensions["vouchsafe"] = runtime
    app.extensions["onlookers"] = Onlookers(runtime)
    return app


class World:
    """App, database and clock; ``tick`` does what worker and sealer would do."""

    def __init__(self, database: Database, make: Make, clock: FakeClock) -> None:
        self.database, self.make, self.clock = database, make, clock
        runtime = Runtime(
            SETTINGS, database.engine, database.sessions, clock, demo=False
        )
        self.app = application(runtime)
        self.carried = Carried()

    def close(self) -> None:
        """Whoever still reads for an open stream has ended: the database goes next."""
        self.app.extensions["onlookers"].close()
        for thread in threading.enumerate():
            if isinstance(thread, Reader):
                thread.join(10)
                assert not thread.is_alive(), "the reader of event streams goes on"

    def client_as(self, user: User | None) -> Browser:
        """A client with a fresh access token of the user; ``None`` is nobody."""
        if user is None:
            return Browser(self, None)
        login = self._log_in(user)
        with self.app.app_context():
            token = create_access_token(str(login.id))
        return Browser(self, token)

    def phone_of(self, user: User, *, issued_ago: timedelta = timedelta(0)) -> Browser:
        """A client with a safety token only, as a phone has after its log-in ended."""
        login = self._log_in(user)
        actor = self.make.actor(user)
        actor = type(actor)(
            actor.organisation_id, actor.user_id, actor.role, login.device_id
        )
        token = safety_tokens.issue(actor=actor, now=real_clock.real() - issued_ago)
        return Browser(self, token)

    def _log_in(self, user: User) -> LoginSession:
        login = self.make.log_in(user, self.make.device(user))
        self.make.session.commit()
        return login

    def channel(self, user: User) -> None:
        """Give the user's organisation a channel that reaches people."""
        channel = MessageChannel(
            organisation_id=user.organisation_id,
            kind=ChannelKind.WEBHOOK,
            rank=0,
            target="https://gateway.example/send",
            secret="a-secret-of-the-gateway",
            created_at=self.clock.now(),
        )
        self.make.session.add(channel)
        self.make.session.commit()

    def take_files(self) -> None:
        """Take every case file that waits, as a worker would."""
        sessions, now = self.database.sessions, self.clock.now
        while import_jobs.run_next(sessions, clock_now=now, stopping=lambda: False):
            pass
        self.make.session.expire_all()

    def tick(self, **delta: float) -> None:
        """Time passes; watches fall due, ladders are climbed, messages leave."""
        self.make.session.commit()
        self.clock.forward(**delta)
        sessions, now = self.database.sessions, self.clock.now
        for _ in range(20):
            works = (watch_loop.sweep, duress.judge_due, escalation.run_due)
            moved = sum(work(sessions, clock_now=now) for work in works)
            for lane in Lane:
                moved += dispatch.round_(
                    sessions, lane=lane, carry=lambda _: self.carried, clock_now=now
                )
            if not moved:
                break
        sealer.seal(sessions, clock_now=now)
        self.make.session.expire_all()

    def act(self, **facts: Any) -> dict[str, Any]:
        """The body of a mobile act, happening now by the phone's clock."""
        at = self.clock.now().isoformat()
        return {"event_id": str(ids.new()), "occurred_at": at, "sent_at": at, **facts}
