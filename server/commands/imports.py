"""Import of case files."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from sqlalchemy.orm import Session

from accounts import logins
from core.actor import Actor
from core.errors import Misconfigured
from models import Import, User, database
from planning import import_jobs, imports
from server import runtime as runtimes
from server.commands import console, errors
from server.settings import from_environment

PIECE = 262_144


@click.command("import")
@click.option("--organisation", "slug", required=True)
@click.option("--login", required=True, help="the user recorded as the importer")
@click.option("--dry-run", is_flag=True, help="count and list problems, store no case")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(slug: str, login: str, file: Path, *, dry_run: bool) -> None:
    """Import cases from a CSV or JSON lines file; what is refused is listed.

    Good lines are stored whatever the others hold. The exit status is 1 where any line
    was refused, or the whole file.
    """
    runtime = runtimes.start(from_environment())
    sessions = runtime.sessions
    with database.reading(sessions) as session:
        actor = _actor(session_user(session, slug, login))
    with told_of(file) as tell:
        taken = import_jobs.take(
            sessions,
            actor,
            chunks=pieces(file),
            clock_now=runtime.clock.now,
            dry_run=dry_run,
            tell=tell,
        )
    with database.reading(sessions) as session:
        problems = imports.problems(session, actor, taken.id)
    for problem in problems:
        console.print(f"line {problem.line}, {problem.column}: {problem.reason}")
    _sum_up(taken)
    if taken.refused:
        sys.exit(1)


def _sum_up(taken: Import) -> None:
    if taken.refused > imports.MOST_PROBLEMS:
        console.print(f"The first {imports.MOST_PROBLEMS} problems are listed.")
    console.print(
        f"{taken.created} new, {taken.updated} changed, "
        f"{taken.unchanged} unchanged, {taken.refused} refused"
    )
    if taken.dry_run:
        console.print("This was a dry run: no case was stored.")


def pieces(file: Path) -> Iterator[bytes]:
    """The file's bytes, never all of them at once."""
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece


@contextmanager
def told_of(file: Path) -> Iterator[import_jobs.Tell]:
    """A bar over the rows of a long file; nothing where nobody looks."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rows"),
        TimeRemainingColumn(),
    )
    shown = errors.is_terminal
    with Progress(
        *columns, console=errors, transient=True, disable=not shown
    ) as progress:
        task = progress.add_task(f"Reading {file.name}", total=None)

        def tell(done: int, all_of_them: int) -> None:
            progress.update(
                task,
                description=f"Storing {file.name}",
                completed=done,
                total=all_of_them,
            )

        yield tell


def session_user(session: Session, slug: str, login: str) -> User:
    """The user of that login, or a clear word."""
    found = logins.find(session, slug, login)
    if found is None:
        raise Misconfigured(f"There is no user {login} in the organisation {slug}.")
    return found


def _actor(user: User) -> Actor:
    return Actor(user.organisation_id, user.id, user.role)
