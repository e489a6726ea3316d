"""``make bench-check-in``: how many check-ins a second, and how long one takes."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import func, select

from bench.district import District, Request
from bench.figures import ROOT, Figure, percentile, tell
from bench.house import DURABILITY
from bench.processes import cpu_s, family
from core.keyring import Keyring
from core.words import WatchState
from models import Watch, database
from models.sealed import ring
from tests.support.databases import Database, PostgresFactory
from tests.support.postgres import Cluster
from tests.support.premises import Premises, Process

ORGANISATIONS = 20
LINES = 16  # connections of the generator
RATE = 100  # a second offered, for the waiting times
WARM_UP = 200
GOALS = {1: 300, ORGANISATIONS: 500}
P95_MS = 30


def main() -> None:
    """Measure on a PostgreSQL of its own; every figure is printed and kept."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check-ins", type=int, default=2500, help="for each maximum")
    parser.add_argument("--seconds", type=int, default=15, help="at 100 a second")
    parser.add_argument("--processes", type=int, default=2, help="of the web server")
    parser.add_argument("--without-worker", action="store_true")
    parser.add_argument("--try", action="store_true", dest="only_try", help="keep none")
    asked = parser.parse_args()
    ring.use(Keyring.generate())
    with Console(stderr=True).status("check-ins") as status, serving(asked) as house:
        figures = house.measure(asked.check_ins, asked.seconds, status.update)
    tell("foundation", figures, only_try=asked.only_try)


@contextmanager
def serving(asked: argparse.Namespace) -> Iterator["House"]:
    """A fresh PostgreSQL with web server and worker on it."""
    cluster = Cluster().start()
    try:
        made = PostgresFactory(cluster.dsn("postgres"), "bench").new()
        with tempfile.TemporaryDirectory(prefix="vouchsafe-bench-") as home:
            premises = Premises(made, Path(home), fresh=True).install()
            premises.environ["VOUCHSAFE_PROCESSES"] = str(asked.processes)
            try:
                web = premises.start("web")
                if not asked.without_worker:
                    premises.start("worker")
                yield House(premises, web, cluster, not asked.without_worker)
            finally:
                premises.close()
                made.engine.dispose()
    finally:
        cluster.stop()


@dataclass(frozen=True)
class Load:
    """What the generator was answered: milliseconds each, a second, CPU for each."""

    taken_ms: list[float]
    a_second: float
    cpu: str


@dataclass
class House:
    """The processes under measurement."""

    premises: Premises
    web: Process
    cluster: Cluster
    sealing: bool
    armed: int = 0

    @property
    def database(self) -> Database:
        """The one that everything stands on."""
        return self.premises.database

    def measure(self, check_ins: int, seconds: int, say: object) -> list[Figure]:
        """Warm up, then at a fixed rate, then as many as can be."""
        assert callable(say)
        with self.database.sessions() as session:
            district = District(self.premises, session)
            teams = district.teams(ORGANISATIONS)
            say("visits")
            warm = district.check_ins(teams, WARM_UP)
            steady = district.check_ins(teams[:1], RATE * seconds)
            most = {many: district.check_ins(teams[:many], check_ins) for many in GOALS}
        say("warming up")
        self.load(warm)
        say(f"{RATE} a second")
        figures = self._steady(self.load(steady, rate=RATE))
        for many, requests in most.items():
            say(f"{many} organisations")
            figures.append(self._most(many, self.load(requests)))
        return figures

    def _steady(self, load: Load) -> list[Figure]:
        goals = {50: None, 95: P95_MS, 99: None}
        return [
            Figure(
                f"check-in, {RATE} a second offered, p{share}",
                round(percentile(load.taken_ms, share), 1),
                "ms",
                f"n={len(load.taken_ms)}, evenly spaced, from when each was due to "
                f"its whole answer; one organisation; {self._how(load)}",
                "postgresql",
                goal=goal,
            )
            for share, goal in goals.items()
        ]

    def _most(self, many: int, load: Load) -> Figure:
        where = "one organisation" if many == 1 else f"{many} organisations"
        p50, p95 = (percentile(load.taken_ms, share) for share in (50, 95))
        return Figure(
            f"check-ins a second, {where}",
            round(load.a_second),
            "1/s",
            f"n={len(load.taken_ms)}, {LINES} connections, the next as soon as one is "
            f"answered: p50 {p50:.0f} ms, p95 {p95:.0f} ms; {self._how(load)}",
            "postgresql",
            goal=GOALS[many],
            more_is_better=True,
        )

    def _how(self, load: Load) -> str:
        webs = len(family(self.web.popen.pid)) - 1 or 1
        worker = "worker (it seals)" if self.sealing else "no worker"
        return (
            f"every answer watched and every watch in the database; {webs} web "
            f"process(es), {worker}, generator on the same machine; {load.cpu}; "
            f"{DURABILITY['postgresql']}; load average {os.getloadavg()[0]:.1f}"
        )

    def load(self, requests: list[Request], *, rate: float | None = None) -> Load:
        """Send them from a process of its own; every one must arm a watch."""
        before = self._cpu()
        told = generated(self.premises.port, requests, rate)
        used = {who: cpu - before[who] for who, cpu in self._cpu().items()}
        used["generator"] = told["cpu_s"]
        answers = told["answers"]
        for _, status, text in answers:
            require_watched(status, text)
        self._count(len(answers))
        each = ", ".join(
            f"{who} {seconds / len(answers) * 1000:.2f}"
            for who, seconds in used.items()
        )
        return Load(
            [ms for ms, *_ in answers],
            len(answers) / told["took_s"],
            f"CPU ms for each: {each}",
        )

    def _cpu(self) -> dict[str, float]:
        """Seconds of CPU that each kind of process has used, its children's too."""
        others = [one for one in self.premises.started if one is not self.web]
        assert self.cluster.server is not None
        return {
            "web": cpu_s(self.web.popen.pid),
            "database": cpu_s(self.cluster.server.pid),
            "worker": sum(cpu_s(one.popen.pid) for one in others),
        }

    def _count(self, more: int) -> None:
        self.armed += more
        armed = Watch.state == WatchState.ARMED
        with database.reading(self.database.sessions) as session:
            rows = session.scalar(select(func.count()).select_from(Watch))
            running = session.scalar(select(func.count(Watch.id)).where(armed))
        if (rows, running) != (self.armed, self.armed):
            raise RuntimeError(f"{self.armed} answers, {rows} watches, {running} armed")


def generated(port: int, requests: list[Request], rate: float | None) -> dict:  # type: ignore[type-arg]
    """What the generator tells."""
    order = {"host": "127.0.0.1", "port": port, "lines": LINES, "rate": rate}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**order, "requests": requests}, file)
        file.flush()
        done = subprocess.run(
            [sys.executable, "-m", "bench.generator", file.name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def require_watched(status: int, text: str) -> None:
    """An ordinary check-in: stored, watched, contact allowed."""
    answer = json.loads(text) if status in (200, 201) else {}
    watch = answer.get("watch") or {}
    if not (watch.get("watched") and answer.get("contact") == "allowed"):
        raise RuntimeError(f"not an ordinary check-in: {status} {text}")


if __name__ == "__main__":
    main()
