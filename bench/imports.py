"""``make bench-import``: a large case file on both databases, in figures.

The real command imports a generated file into a fresh database, then once more.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from sqlalchemy import select

from bench import house
from bench.case_file import write
from bench.figures import Figure, keep
from bench.house import DURABILITY
from core.keyring import Keyring
from core.words import Role
from models import Import
from models.sealed import ring
from tests.support.make import Make
from tests.support.premises import Premises

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
LEAST_ROWS_A_SECOND = 3_000
MOST_MB = 300
LOGIN = "importer"


@dataclass(frozen=True)
class Run:
    """One run of the command: what it stored, for how long, at how much memory."""

    created: int
    updated: int
    unchanged: int
    refused: int
    seconds: float
    peak_mb: float

    @property
    def changes(self) -> int:
        """Cases that are not as they were before."""
        return self.created + self.updated


def main() -> None:
    """Measure on PostgreSQL, then on SQLite; every figure is printed and kept."""
    ring.use(Keyring.generate())
    console = Console(stderr=True)
    for name in reversed(DURABILITY):
        with installed(name) as (premises, slug, file):
            write(file, ROWS)
            console.print(f"{name}: {ROWS} rows, {file.stat().st_size >> 20} MiB")
            runs = [run(premises, slug, file) for _ in range(2)]
        for line in keep("foundation", figures(name, *runs)):
            print(line)


@contextmanager
def installed(name: str) -> Iterator[tuple[Premises, str, Path]]:
    """A fresh database with one organisation and its importer."""
    with house.installed(name) as premises:
        with premises.database.sessions.begin() as session:
            make = Make(session, premises.clock)
            organisation = make.organisation()
            make.user(organisation, Role.DISPATCHER, login=LOGIN)
            slug = organisation.slug
        yield premises, slug, premises.home / "cases.csv"


def run(premises: Premises, slug: str, file: Path) -> Run:
    """The command in a process of its own, whose memory is its own too."""
    command = [sys.executable, "-m", "server.cli", "import", str(file)]
    command += ["--organisation", slug, "--login", LOGIN]
    process = subprocess.Popen(command, env=premises.environ, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    newest = select(Import).order_by(Import.id.desc()).limit(1)
    with premises.database.sessions() as session:
        taken = session.scalars(newest).one()
    assert taken.finished_at is not None
    return Run(
        *(taken.created, taken.updated, taken.unchanged, taken.refused),
        seconds=(taken.finished_at - taken.created_at).total_seconds(),
        peak_mb=usage.ru_maxrss / 1024,
    )


def figures(name: str, first: Run, again: Run) -> list[Figure]:
    """Speed and memory of the first run, and what the second one changed."""
    what = f"{ROWS} rows, one place each"
    load = f"load average {os.getloadavg()[0]:.1f} after"
    how = f"{what}; `vouchsafe import`, from receiving to done; {DURABILITY[name]}"
    goal = LEAST_ROWS_A_SECOND if name == "postgresql" else None
    return [
        Figure(
            figure="import, first run",
            value=round(ROWS / first.seconds),
            unit="rows/s",
            how=f"{how}; {load}",
            database=name,
            goal=goal,
            more_is_better=True,
        ),
        Figure(
            figure="import, second run of the same file",
            value=round(ROWS / again.seconds),
            unit="rows/s",
            how=f"{how}; {load}",
            database=name,
        ),
        Figure(
            figure="import, peak memory of the process",
            value=round(max(first.peak_mb, again.peak_mb)),
            unit="MB",
            how=f"{what}; ru_maxrss, the larger of both runs",
            database=name,
            goal=MOST_MB,
        ),
        Figure(
            figure="import, changes by the second run of the same file",
            value=again.changes,
            unit="cases",
            how=f"{what}; {first.created} created by the first run, "
            f"{again.unchanged} unchanged in the second, {again.refused} refused",
            database=name,
            goal=0,
        ),
    ]


if __name__ == "__main__":
    main()
