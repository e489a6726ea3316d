"""Import of case files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import users
from core.actor import Actor
from core.errors import Misconfigured
from models import Organisation, User, database
from planning import imports
from server import runtime as runtimes
from server.commands import console, errors
from server.settings import from_environment


@click.command("import")
@click.option("--organisation", "slug", required=True)
@click.option("--login", required=True, help="the user recorded as the importer")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_command(slug: str, login: str, file: Path) -> None:
    """Import cases from a CSV file; lines that are refused are listed."""
    runtime = runtimes.start(from_environment())
    content = file.read_bytes()
    sessions, clock_now = runtime.sessions, runtime.clock.now
    with database.reading(sessions) as session:
        actor = _actor(session_user(session, slug, login))
    with told_of(file) as tell:
        taken = imports.take(
            sessions, actor, content=content, clock_now=clock_now, tell=tell
        )
    with database.reading(sessions) as session:
        problems = imports.problems(session, actor, taken.id)
    for problem in problems:
        console.print(f"line {problem.line}, {problem.column}: {problem.reason}")
    console.print(
        f"{taken.created} new, {taken.updated} changed, "
        f"{taken.unchanged} unchanged, {taken.refused} refused"
    )


@contextmanager
def told_of(file: Path) -> Iterator[imports.Tell]:
    """A bar that grows while a long file is stored; nothing where nobody looks."""
    shown = errors.is_terminal
    with Progress(console=errors, transient=True, disable=not shown) as progress:
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
    organisation = session.scalars(
        select(Organisation).where(Organisation.slug == slug)
    ).first()
    found = None
    if organisation is not None:
        digest = users.login_digest(organisation.id, login)
        found = session.scalars(
            select(User).where(
                User.organisation_id == organisation.id, User.login_digest == digest
            )
        ).first()
    if found is None:
        raise Misconfigured(f"There is no user {login} in the organisation {slug}.")
    return found


def _actor(user: User) -> Actor:
    return Actor(user.organisation_id, user.id, user.role)
