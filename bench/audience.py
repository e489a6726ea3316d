"""Who looks on at alerts live, who asks meanwhile, who calls for help beside them."""

import http.client
import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from accounts import safety_tokens
from bench.town import Town
from core import ids
from core.words import Role
from server import clock
from tests.support.make import PASSWORD
from tests.support.premises import Premises, until

MANY = 50
OF_ONE_LOG_IN = 4
PATIENCE_S = 10.0  # whoever waits longer is counted as not answered
HEAD = (
    "GET /v1/alerts/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
)
PAUSE_S = 0.2  # between two calls for help


@dataclass
class Asked:
    """What one kind of request was answered: milliseconds each, and failures."""

    taken_ms: list[float] = field(default_factory=list)
    failed: int = 0
    a_second: float = 0.0


class Audience:
    """A town with fifty seats, a desk that asks, and a phone that calls for help."""

    def __init__(self, premises: Premises, session: Session) -> None:
        self.premises, self.town = premises, Town(premises, session)
        make, organisation = self.town.make, self.town.organisation
        seats = range(-(-MANY // OF_ONE_LOG_IN))
        self.officers = [make.user(organisation, Role.SAFETY_OFFICER) for _ in seats]
        self.dispatcher = make.user(organisation, Role.DISPATCHER)
        self.admin = make.user(organisation, Role.ADMIN)
        self.collector = make.user(organisation, Role.COLLECTOR)
        self.visit = self.town.round(1, lambda: None).visits[0]
        session.commit()
        self.phone = self._phone()

    def _phone(self) -> str:
        """The safety token of a collector's phone."""
        make, user = self.town.make, self.collector
        device = make.device(user)
        self.town.session.commit()
        actor = replace(make.actor(user), device_id=device.id)
        return safety_tokens.issue(actor=actor, now=clock.real())

    def token(self, login: str | None) -> str:
        """An access token by log-in, over HTTP."""
        body = {"organisation": self.town.organisation.slug, "login": login}
        body |= {"password": PASSWORD, "device_id": str(ids.new())}
        status, text = self.send("POST", "/v1/auth/login", None, body)
        if status != 200:
            raise RuntimeError(f"no log-in: {status} {text!r}")
        return str(json.loads(text)["access_token"])

    def send(
        self, method: str, path: str, token: str | None, body: object = None
    ) -> tuple[int, bytes]:
        """One request on a connection of its own; 0 where nobody answers in time."""
        line = self.line()
        try:
            return request(line, method, path, token, body)
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            line.close()

    def line(self) -> http.client.HTTPConnection:
        """A connection to the server."""
        return http.client.HTTPConnection(
            "127.0.0.1", self.premises.port, timeout=PATIENCE_S
        )

    def ask(self, token: str, path: str, *, clients: int, seconds: float) -> Asked:
        """So many clients that keep their connections, as fast as they can."""
        end, found = time.perf_counter() + seconds, Asked()

        def one(_: int) -> None:
            line = self.line()
            while time.perf_counter() < end:
                began = time.perf_counter()
                status, _text = request(line, "GET", path, token)
                if status == 200:
                    found.taken_ms.append((time.perf_counter() - began) * 1000)
                else:
                    found.failed += 1
            line.close()

        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(one, range(clients)))
        found.a_second = len(found.taken_ms) / seconds
        return found

    def call_for_help(self, seconds: float) -> Asked:
        """One SOS after the other, each on a connection of its own."""
        found, end = Asked(), time.perf_counter() + seconds
        while time.perf_counter() < end:
            began = time.perf_counter()
            event = {"event_id": str(ids.new())}
            status, _ = self.send("POST", "/v1/mobile/sos", self.phone, event)
            found.taken_ms.append((time.perf_counter() - began) * 1000)
            found.failed += status != 201
            time.sleep(PAUSE_S)
        return found

    @contextmanager
    def looking_on(self, tokens: Sequence[str]) -> Iterator["Seats"]:
        """Fifty streams, all open and told to read everything."""
        seats = Seats(self.premises.port, tokens)
        try:
            until("all look on", lambda: seats.heard == MANY, seconds=60)
            yield seats
        finally:
            seats.close()


class Seats:
    """The streams, read by one thread."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        self.heard, self.ended, self.closing = 0, 0, False
        self.selector = selectors.DefaultSelector()
        self.text: dict[socket.socket, bytes] = {}
        for number in range(MANY):
            one = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
            token = tokens[number // OF_ONE_LOG_IN]
            one.sendall(HEAD.format(token=token).encode())
            self.text[one] = b""
            self.selector.register(one, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        while not self.closing:
            for key, _ in self.selector.select(0.2):
                self._read(key.fileobj)  # type: ignore[arg-type]

    def _read(self, one: socket.socket) -> None:
        try:
            piece = one.recv(65536)
        except OSError:
            piece = b""
        if not piece:
            self.ended += 1
            self.selector.unregister(one)
        before = self.text[one]
        self.text[one] = after = (before + piece)[:4096]
        if b"event: reload" in after and b"event: reload" not in before:
            self.heard += 1

    def close(self) -> None:
        """All get up."""
        self.closing = True
        self.thread.join()
        for one in self.text:
            one.close()
        self.selector.close()


def request(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    token: str | None,
    body: object = None,
) -> tuple[int, bytes]:
    """Status and text."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    text = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        text = json.dumps(body)
    line.request(method, path, text, headers)
    answer = line.getresponse()
    return answer.status, answer.read()


@contextmanager
def meanwhile(work: Callable[[threading.Event], None], many: int) -> Iterator[None]:
    """So many threads that work until they are told to stop."""
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,)) for _ in range(many)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
