"""Purging by hand; a worker does it every day."""

import click
from rich.progress import Progress
from sqlalchemy import select

from core.words import PurgeKind
from credentials import photos
from models import Organisation, database
from safety import purging, unknown_checks
from server import clock
from server import runtime as runtimes
from server.commands import console, errors
from server.settings import from_environment


@click.command()
@click.option("--dry-run", is_flag=True, help="only say what would go")
def purge(*, dry_run: bool) -> None:
    """Purge what is older than its rule allows; named holds keep what they name."""
    runtime = runtimes.start(from_environment())
    with database.reading(runtime.sessions) as session:
        now = runtime.clock.now(session)
        rows = session.scalars(select(Organisation).order_by(Organisation.slug)).all()
        due = {one: purging.preview(session, one.id, now=now) for one in rows}
        nobodys = unknown_checks.due(session, now=now)
    verb = "would go" if dry_run else "purged"
    total = sum(sum(counts.values()) for counts in due.values())
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Purging", total=total, visible=not dry_run)

        def tell(kind: PurgeKind, count: int) -> None:
            progress.update(task, description=f"Purging {kind}", advance=count)

        for organisation, counts in due.items():
            done = counts
            if not dry_run:
                done = purging.run(
                    runtime.sessions,
                    organisation.id,
                    clock_now=runtime.clock.now,
                    tell=tell,
                )
            gone = ", ".join(f"{n} {kind}" for kind, n in done.items() if n)
            console.print(f"{organisation.slug}: {gone or 'nothing'} {verb}")
    if not dry_run:
        nobodys = unknown_checks.purge(runtime.sessions, clock_now=runtime.clock.now)
    console.print(f"{nobodys} checks of unknown codes {verb}")
    if runtime.photos is not None and not dry_run:
        swept = photos.sweep(runtime.sessions, runtime.photos, now=clock.real())
        console.print(f"{swept} files of photos that are gone deleted")
