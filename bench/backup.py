"""``make bench-backup``: a backup under load, restored elsewhere, in figures."""

import os
import sys
import time
from types import SimpleNamespace

from rich.console import Console
from sqlalchemy.orm import Session

from accounts import audit, sealer
from bench.figures import Figure, keep, percentile
from bench.house import DURABILITY, serving
from core import ids
from core.keyring import Keyring
from models import database
from models.sealed import ring
from tests.support import restoring
from tests.support.load import Load
from tests.support.make import Make
from tests.support.premises import Premises, until

WRITERS, SECONDS, PAUSE_S = 8, 15.0, 0.05
ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
PATIENCE_S = 300


def main() -> None:
    """On SQLite, then on PostgreSQL; every figure is printed and kept."""
    ring.use(Keyring.generate())
    console = Console(stderr=True)
    for name in DURABILITY:
        with console.status(name), serving(name) as premises:
            figures = measure(premises, name)
        for line in keep("foundation", figures):
            print(line)


def fill(session: Session, premises: Premises) -> None:
    """A record of some length, sealed, so that the backup takes its time."""
    for _ in range(ROWS):
        audit.record(
            session,
            organisation_id=None,
            actor_id=None,
            action="bench.filled",
            subject="bench",
            subject_id=ids.new(),
            now=premises.clock.now(),
        )
    session.commit()

    def sealed() -> bool:
        with database.reading(premises.database.sessions) as looking:
            return sealer.next_due(looking) is None

    until("everything to be sealed", sealed, seconds=PATIENCE_S)


def measure(premises: Premises, name: str) -> list[Figure]:
    """What was lost, and how long an SOS waited with the backup running and without."""
    with premises.database.sessions() as session:
        fill(session, premises)
        make = Make(session, premises.clock)
        load = Load(premises, make, make.organisation(), pause_s=PAUSE_S)
        load.start(WRITERS)
        before = len(load.waits)
        time.sleep(SECONDS)
        file = premises.home / "backup"
        calm, began = len(load.waits), restoring.back_up(premises, file)
        took, during = time.monotonic() - began, load.waits[calm:]
        time.sleep(1)
        load.stop()
    with restoring.restored(premises, file) as elsewhere:
        lost = load.missing(elsewhere.database.sessions, before=began)
        with elsewhere.database.sessions() as session:
            verdict = sealer.verify(session)
    waits = load.waits[before:calm], during
    facts = SimpleNamespace(name=name, took=took, file=file, waits=waits)
    broken = 0 if verdict.broken is None and verdict.rows >= ROWS else 1
    return figures(facts, len(lost) + len(load.cut), broken)


def figures(facts: SimpleNamespace, lost: int, broken: int) -> list[Figure]:
    """The lines, with their circumstances."""
    load = f"load average {os.getloadavg()[0]:.1f} at the end"
    size = facts.file.stat().st_size / 1e6
    how = (
        f"{WRITERS} phones send SOS over HTTP to web, worker and sentinel, {ROWS} "
        f"sealed audit rows before; backup of {size:.0f} MB; {load}"
    )
    name, goal = facts.name, 0
    found = [
        Figure("restored backup under load: rows lost", lost, "rows", how, name, goal),
        Figure("restored backup under load: audit broken", broken, "", how, name, goal),
        Figure("backup under load takes", round(facts.took, 2), "s", how, name),
    ]
    for words, waits in zip(("without", "during"), facts.waits, strict=True):
        for share in (50, 95, 100):
            ms = round(percentile(waits, share) * 1000, 1)
            title = f"SOS over HTTP {words} a backup, p{share}"
            found.append(Figure(title, ms, "ms", f"n={len(waits)}; {how}", name))
    return found


if __name__ == "__main__":
    main()
