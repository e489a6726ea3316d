"""``make bench-footprint``: what each process takes, after some work and when idle."""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.audience import MANY, Audience
from bench.figures import Figure, tell
from bench.house import DURABILITY, installed
from bench.house import serving as all_serving
from bench.processes import cpu_s, family
from core.keyring import Keyring
from models.sealed import ring
from tests.support.premises import Premises, Process

WEBS = 2
CLIENTS, SECONDS = 16, 5.0
ROLES = ("web", "worker", "sentinel")
SETTLE_S, IDLE_S = 5.0, 20.0


def main() -> None:
    """Work on PostgreSQL, idle on both; the figures are printed and kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--try", action="store_true", dest="only_try", help="keep none")
    asked = parser.parse_args()
    ring.use(Keyring.generate())
    with Console(stderr=True).status("at work"), serving() as (premises, started):
        figures = measure(premises, started)
    for name in DURABILITY:
        with Console(stderr=True).status(f"{name}, idle"), all_serving(name) as idle:
            figures += resting(idle, name)
    tell("foundation", figures, only_try=asked.only_try)


@contextmanager
def serving() -> Iterator[tuple[Premises, dict[str, Process]]]:
    """One of each kind, web with two processes."""
    with installed("postgresql", VOUCHSAFE_PROCESSES=str(WEBS)) as premises:
        yield premises, {role: premises.start(role) for role in ROLES}


def measure(premises: Premises, started: dict[str, Process]) -> list[Figure]:
    """After reading visits and calls for help, while fifty look on."""
    with premises.database.sessions() as session:
        audience = Audience(premises, session)
        tokens = [audience.token(user.login) for user in audience.officers]
        desk = audience.token(audience.dispatcher.login)
        path = f"/v1/visits/{audience.visit.id}"
        with audience.looking_on(tokens):
            audience.ask(desk, path, clients=CLIENTS, seconds=SECONDS)
            audience.call_for_help(SECONDS)
            return figures(premises, started)


def figures(premises: Premises, started: dict[str, Process]) -> list[Figure]:
    """Proportional memory, and open connections to the database, of each kind."""
    how = (
        f"after {SECONDS:.0f} s of {CLIENTS} clients that read a visit and "
        f"{SECONDS:.0f} s of calls for help, {MANY} streams open; web has {WEBS} "
        "processes that share what was loaded before they were forked; memory is Pss"
    )
    found = []
    for role, process in started.items():
        pids = family(process.popen.pid)
        mib = round(sum(map(pss_kib, pids)) / 1024, 1)
        sockets = sum(connections(one) for one in pids)
        webs = f"web, {WEBS} processes and their leader"
        who = webs if role == "web" else role
        for name, value, unit in (
            ("memory", mib, "MiB"),
            ("connections to PostgreSQL", sockets, "connections"),
        ):
            found.append(Figure(f"{name} of {who}", value, unit, how, "postgresql"))
    return found


def resting(premises: Premises, name: str) -> list[Figure]:
    """The share of a core that each process uses while there is nothing to do."""
    time.sleep(SETTLE_S)
    before = [cpu_s(one.popen.pid) for one in premises.started]
    time.sleep(IDLE_S)
    how = f"over {IDLE_S:.0f} s, one web process, no organisation"
    return [
        Figure(
            f"CPU of an idle {role}",
            round((cpu_s(process.popen.pid) - used) / IDLE_S * 100, 1),
            "% of a core",
            how,
            name,
        )
        for role, process, used in zip(ROLES, premises.started, before, strict=True)
    ]


def pss_kib(pid: int) -> int:
    """What it uses alone and its share of what it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    [line] = [one for one in rollup.splitlines() if one.startswith("Pss:")]
    return int(line.split()[1])


def connections(pid: int) -> int:
    """Its sockets of the Unix domain: the database is there, and nothing else is."""
    inodes = {one.split()[6] for one in table("unix")}
    links = (one.readlink() for one in Path(f"/proc/{pid}/fd").iterdir())
    return sum(str(link).removeprefix("socket:[")[:-1] in inodes for link in links)


def table(kind: str) -> list[str]:
    """The kernel's lines on the sockets of a kind."""
    return Path(f"/proc/net/{kind}").read_text(encoding="ascii").splitlines()[1:]


if __name__ == "__main__":
    main()
