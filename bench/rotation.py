"""A key rotation over many borrowers: killed midway, resumed, nobody notices."""

import argparse
import os
import re
import time
from datetime import timedelta
from uuid import UUID

from rich.console import Console
from rich.progress import Progress

from bench.figures import Figure, keep, percentile
from bench.house import DURABILITY, serving
from bench.town import Town
from core.keyring import Keyring
from core.words import Role
from models import Borrower, Case, references, resealing
from models.sealed import ring
from tests.support.premises import Premises, Process, until
from tests.support.traffic import Traffic

COMMAND = ("-m", "server.cli", "keys", "rotate", "--copied")
BATCH, CLIENTS, LONG_S = 1000, 3, 3600.0


def main() -> None:
    """Measure on SQLite, then on PostgreSQL; every figure is printed and kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--borrowers", type=int, default=100_000)
    asked = parser.parse_args()
    console = Console(stderr=True)
    for name in DURABILITY:
        ring.use(Keyring.generate())
        with Progress(console=console) as progress, serving(name) as premises:
            figures = measure(premises, name, asked.borrowers, progress)
        for line in keep("foundation", figures):
            print(line)


def measure(
    premises: Premises, name: str, count: int, progress: Progress
) -> list[Figure]:
    """Fill, rotate, kill, resume; reads and writes go on all the time."""
    with premises.database.sessions() as session:
        town = Town(premises, session)
        cases = fill(town, count, progress)
        dispatcher = town.make.user(town.organisation, Role.DISPATCHER)
        session.commit()
        people = [town.person(dispatcher) for _ in range(CLIENTS)]
    begun = time.perf_counter()
    with Traffic(people, cases[:: max(1, count // 500)]) as traffic:
        total, left = kill_midway(premises)
        done = premises.run(*COMMAND)
        status = done.ends(seconds=LONG_S)
    took = time.perf_counter() - begun
    how = (
        f"{count} borrowers, each with a case; {total} values; kill -9 "
        f"with {left} left, then resumed (status {status}, "
        f"{finished(done)} left under the old key); "
        f"{CLIENTS} clients read a case, every fifth time they write a consent: "
        f"{len(traffic.reads)} reads, {len(traffic.writes)} writes; web, worker and "
        f"sentinel never restarted; {DURABILITY[name]}"
    )
    title = f"key rotation over {count} borrowers"

    def figure(what: str, value: float, unit: str, goal: float | None = None) -> Figure:
        return Figure(f"{title}: {what}", value, unit, how, name, goal)

    return [
        figure("values left under the old key", finished(done), "values", 0),
        figure("requests that failed meanwhile", len(traffic.failures), "requests", 0),
        figure("whole duration, with the kill", round(took, 1), "s"),
        figure("read meanwhile, p95", round(percentile(traffic.reads, 95), 1), "ms"),
        figure("write meanwhile, p95", round(percentile(traffic.writes, 95), 1), "ms"),
    ]


def fill(town: Town, count: int, progress: Progress) -> list[UUID]:
    """Borrowers with a name, a phone and a case each."""
    task = progress.add_task("borrowers", total=count)
    found: list[UUID] = []
    now = town.premises.clock.now() - timedelta(days=1)
    for first in range(0, count, BATCH):
        people = [person(town, n) for n in range(first, min(first + BATCH, count))]
        cases = [case(town, one, now) for one in people]
        town.session.add_all(people)
        town.session.flush()
        town.session.add_all(cases)
        town.session.commit()
        found += [one.id for one in cases]
        town.session.expunge_all()
        progress.advance(task, len(people))
    return found


def person(town: Town, number: int) -> Borrower:
    """Somebody with a telephone."""
    phone = f"+86139{number:08d}"
    return Borrower(
        organisation_id=town.organisation.id,
        creditor_id=town.creditor.id,
        debtor_ref=f"D{number}",
        debtor_ref_digest=references.debtor(town.creditor.code, f"D{number}"),
        name=f"李{number}",
        phone=phone,
        phone_digest=ring.keyring.digest("phone", phone),
        language="zh",
    )


def case(town: Town, borrower: Borrower, now: object) -> Case:
    """What he owes."""
    digest = references.debt(town.creditor.code, str(borrower.id))
    return Case(
        organisation_id=town.organisation.id,
        external_id=str(borrower.id),
        creditor_id=town.creditor.id,
        borrower_id=borrower.id,
        debt_ref=str(borrower.id),
        debt_ref_digest=digest,
        days_past_due=45,
        amount_minor=1_234_500,
        currency="CNY",
        row_digest="0" * 64,
        created_at=now,
        updated_at=now,
    )


def kill_midway(premises: Premises) -> tuple[int, int]:
    """How many values there were, and how many were left when kill -9 struck."""
    path, old = premises.home / "keys.json", ring.keyring
    process = premises.run(*COMMAND)
    until("the key turns", lambda: Keyring.parse(path.read_text()) != old)
    until("it is current", lambda: current(path) != old.current)
    ring.use(Keyring.parse(path.read_text()))
    total = stale(premises)
    until("half of it", lambda: _pause() or stale(premises) < total / 2, seconds=LONG_S)
    process.kill()
    return total, stale(premises)


def current(path: os.PathLike[str]) -> str:
    """The id of the key that seals."""
    with open(path, encoding="utf-8") as file:
        return Keyring.parse(file.read()).current


def _pause() -> None:
    time.sleep(0.5)  # counting reads whole tables


def stale(premises: Premises) -> int:
    """Values that are not under the current key."""
    with premises.database.sessions() as session:
        return resealing.count_stale(session)


def finished(done: Process) -> int:
    """What the command says is left; -1 where it says nothing."""
    said = re.search(r"(\d+) left under older ones", done.said())
    return int(said[1]) if said else -1


if __name__ == "__main__":
    main()
