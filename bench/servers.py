"""``make bench-servers``: our lanes beside gunicorn and granian, on our endpoints."""

import argparse
import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import psycopg
from rich.console import Console

from bench import house, measures
from bench.audience import MANY, PATIENCE_S, Asked, Audience, meanwhile
from bench.figures import ROOT, Figure, percentile, tell
from bench.house import DURABILITY
from core.keyring import Keyring
from models.sealed import ring
from server.lanes import BESIDE_ORDINARY, TO_REFUSE
from server.onlookers import MOST
from tests.support.premises import Premises, Process, until

PROCESSES, ORDINARY = 2, 8
THREADS = ORDINARY + sum(BESIDE_ORDINARY.values()) + MOST + TO_REFUSE
OTHERS = ROOT / ".venv" / "bench"
CLIENTS, SECONDS = 4, 5.0
WALKERS, DOORS = 4, 8  # collectors, and the doors of each, for one measurement
HANGING, HALF_SENT = 100, 300
HALF = (
    b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)
BESIDE_S = 20.0
BUSY = "GET /v1/webhooks"
OPEN, NONE = f"{MANY} streams open", "no streams"
OURS = "waitress with lanes"


@dataclass(frozen=True)
class Contestant:
    """A server: how it is started with so many processes and threads each."""

    name: str
    command: tuple[str, ...]


CONTESTANTS = (
    Contestant(OURS, ("-m", "server.cli", "web")),
    Contestant(
        "gunicorn gthread",
        (
            *("-m", "gunicorn", "--worker-class", "gthread", "--keep-alive", "20"),
            *("--workers", str(PROCESSES), "--threads", str(THREADS)),
            *("--bind", "127.0.0.1:{port}", "wsgi:app"),
        ),
    ),
    Contestant(
        "granian",
        (
            *("-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--workers", str(PROCESSES), "--blocking-threads", str(THREADS)),
            *("--host", "127.0.0.1", "--port", "{port}", "wsgi:app"),
        ),
    ),
)
Found = dict[tuple[str, str], Asked]  # by server and what was measured


def main() -> None:
    """Each server in turn, again in the other order; all figures printed and kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--try", action="store_true", dest="only_try", help="keep none")
    asked = parser.parse_args()
    ring.use(Keyring.generate())
    found: Found = defaultdict(Asked)
    with installed() as audience, Console(stderr=True).status("") as say:
        for number in range(asked.rounds):
            for one in CONTESTANTS[:: -1 if number % 2 else 1]:
                say.update(f"round {number + 1}: {one.name}")
                with served(audience.premises, one):
                    measure(audience, one.name, found)
    figures = told(found, asked.rounds)
    tell("foundation", figures, only_try=asked.only_try)


@contextmanager
def installed() -> Iterator[Audience]:
    """A PostgreSQL of our own with the people that are measured."""
    with (
        house.installed(
            "postgresql",
            VOUCHSAFE_PROCESSES=str(PROCESSES),
            VOUCHSAFE_THREADS=str(ORDINARY),
            PYTHONPATH=f"{OTHERS}{os.pathsep}{ROOT}",
        ) as premises,
        premises.database.sessions() as session,
    ):
        yield Audience(premises, session)


@contextmanager
def served(premises: Premises, contestant: Contestant) -> Iterator[Process]:
    """The server, from its first answer to its end."""
    command = [word.format(port=premises.port) for word in contestant.command]
    process = premises.run(*command)
    until("it serves", lambda: premises.status("/healthz") == 200, seconds=90)
    time.sleep(2)  # the second process
    try:
        yield process
    finally:
        process.kill()


def measure(audience: Audience, name: str, found: Found) -> None:
    """Everything on the server that runs."""
    tokens = [audience.token(user.login) for user in audience.officers]
    desk = audience.token(audience.dispatcher.login)
    town, path = audience.town, f"/v1/visits/{audience.visit.id}"
    paces = {
        way: [town.round(DOORS, lambda: None) for _ in range(WALKERS)]
        for way in (NONE, OPEN)
    }

    def ordinary(way: str) -> None:
        asked = audience.ask(desk, path, clients=CLIENTS, seconds=SECONDS)
        _add(found[name, f"ordinary request, {way}"], asked)
        taken = measures.check_ins(town, paces[way], lambda: None)
        _add(found[name, f"check-in, {way}"], Asked(taken))

    audience.ask(desk, path, clients=CLIENTS, seconds=1)  # warms up
    ordinary(NONE)
    with audience.looking_on(tokens) as seats:
        ordinary(OPEN)
        _add(found[name, f"streams that broke of {MANY}"], Asked(failed=seats.ended))
    admin = audience.token(audience.admin.login)
    with held(audience), meanwhile(_asking(audience, admin), HANGING):
        time.sleep(2)
        calls = audience.call_for_help(BESIDE_S)
        _add(found[name, f"SOS beside {HANGING} hanging requests"], calls)
    with half_sent(audience.premises.port):
        time.sleep(1)
        calls = audience.call_for_help(BESIDE_S)
        _add(found[name, f"SOS beside {HALF_SENT} half-sent requests"], calls)


def _add(to: Asked, more: Asked) -> None:
    to.taken_ms += more.taken_ms
    to.failed += more.failed
    to.a_second += more.a_second


def _asking(audience: Audience, token: str) -> Callable[[Event], None]:
    """A page that nobody can read now, asked for again and again."""

    def ask(stop: Event) -> None:
        while not stop.is_set():
            audience.send("GET", BUSY.split()[1], token)

    return ask


@contextmanager
def held(audience: Audience) -> Iterator[None]:
    """A table that a dead host has locked; no SOS needs it."""
    url = audience.premises.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        connection.execute("LOCK TABLE webhooks IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@contextmanager
def half_sent(port: int) -> Iterator[None]:
    """Requests whose senders stopped in their middle."""
    lines = [
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        for _ in range(HALF_SENT)
    ]
    for line in lines:
        line.sendall(HALF)
    try:
        yield
    finally:
        for line in lines:
            line.close()


def told(found: Found, rounds: int) -> list[Figure]:
    """Requests a second, p50, p95 and failures."""
    how = (
        f"{PROCESSES} processes, {THREADS} threads each (ours in lanes, {ORDINARY} of "
        f"them ordinary); {rounds} rounds, each server in turn; client on the same "
        f"machine; GET of a visit by {CLIENTS} clients; check-ins by {WALKERS}; "
        f"hanging: {HANGING} clients ask for {BUSY}, whose table is locked; an SOS "
        f"that is not answered within {PATIENCE_S:.0f} s counts as failed, and with "
        f"its time; {DURABILITY['postgresql']}"
    )
    figures = []
    for (name, what), asked in found.items():
        values: dict[str, tuple[float, str]] = {}
        if asked.taken_ms:
            for share in (50, 95):
                value = round(percentile(asked.taken_ms, share), 1)
                values[f", p{share}"] = value, "ms"
        if asked.a_second:
            values[", a second"] = round(asked.a_second / rounds, 1), "1/s"
        if "SOS" in what or "streams that broke" in what:
            values[", failed" if asked.taken_ms else ""] = asked.failed, "of them"
        of = f"n={len(asked.taken_ms)}; {how}"
        figures += [
            Figure(f"{what}, {name}{end}", value, unit, of, "postgresql")
            for end, (value, unit) in values.items()
        ]
    return figures


if __name__ == "__main__":
    main()
