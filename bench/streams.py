"""``make bench-streams``: what fifty open event streams cost everybody else."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from rich.console import Console

from bench.audience import MANY, Audience, meanwhile
from bench.figures import Figure, percentile, tell
from bench.house import DURABILITY, installed
from core import ids
from core.keyring import Keyring
from models.sealed import ring

CLIENTS = 2
ROUNDS = 6
SECONDS = 4.0  # of asking, each way in each round
SETTLE_S = 3.0  # until the server has noticed that all got up
GOAL = 2.0


def main() -> None:
    """Measure on both databases; the figures are printed and kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--try", action="store_true", dest="only_try", help="keep none")
    asked = parser.parse_args()
    ring.use(Keyring.generate())
    for name in DURABILITY:
        with Console(stderr=True).status(name), serving(name) as audience:
            figures = measure(audience, name, asked.rounds)
        tell("foundation", figures, only_try=asked.only_try)


@contextmanager
def serving(name: str) -> Iterator[Audience]:
    """One web process on a fresh database of that kind."""
    with installed(name) as premises, premises.database.sessions() as session:
        premises.start("web")
        yield Audience(premises, session)


def measure(audience: Audience, name: str, rounds: int) -> list[Figure]:
    """The same request without and with streams, in turns; one SOS a second in both."""
    tokens = [audience.token(user.login) for user in audience.officers]
    desk = audience.token(audience.dispatcher.login)
    path = f"/v1/visits/{audience.visit.id}"
    taken: dict[bool, list[float]] = {False: [], True: []}

    def call(stop: Event) -> None:
        while not stop.wait(1):
            event = {"event_id": str(ids.new())}
            status, _ = audience.send("POST", "/v1/mobile/sos", audience.phone, event)
            if status != 201:
                raise RuntimeError(f"an SOS was answered {status}")

    def ask() -> list[float]:
        found = audience.ask(desk, path, clients=CLIENTS, seconds=SECONDS)
        if found.failed:
            raise RuntimeError(f"{found.failed} requests failed")
        return found.taken_ms

    with meanwhile(call, 1):
        ask()  # warms up
        for _ in range(rounds):
            taken[False] += ask()
            with audience.looking_on(tokens) as seats:
                taken[True] += ask()
                if seats.ended:
                    raise RuntimeError(f"{seats.ended} streams ended")
            time.sleep(SETTLE_S)
    return figures(taken, name, rounds)


def figures(taken: dict[bool, list[float]], name: str, rounds: int) -> list[Figure]:
    """p95 both ways, and how many times the one is the other."""
    how = (
        f"GET of a visit, {CLIENTS} clients that keep their connections, {rounds} "
        f"rounds of {SECONDS:.0f} s each way in turns; one SOS a second, which every "
        f"stream is told of; n={len(taken[False])} and {len(taken[True])}; one web "
        f"process, 8 threads, client on the same machine; {DURABILITY[name]}"
    )
    p95 = {way: percentile(values, 95) for way, values in taken.items()}
    subject = f"ordinary request while {MANY} event streams are open"
    words = {True: "with", False: "without"}
    found = [
        Figure(f"{subject}, p95 {words[way]}", round(p95[way], 1), "ms", how, name)
        for way in (False, True)
    ]
    ratio = round(p95[True] / p95[False], 2)
    title = f"{subject}, p95 with to without"
    return [*found, Figure(title, ratio, "times", how, name, goal=GOAL)]


if __name__ == "__main__":
    main()
