"""The operator's commands."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click
from alembic.util import CommandError
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from accounts import organisations, sealer, users
from core.actor import Actor
from core.errors import Invalid, Misconfigured, VouchsafeError
from core.keyring import Keyring
from core.words import Role
from models import Installation, Organisation, User, database, migrate
from planning import imports
from safety import policies
from server import runtime as runtimes
from server.app import create_app
from server.logs import configure
from server.processes import parent, web
from server.processes.sentinel import Sentinel
from server.processes.worker import Worker
from server.settings import Settings, from_environment

console = Console(soft_wrap=True)
errors = Console(stderr=True)


@click.group()
@click.version_option(package_name="vouchsafe")
def vouchsafe() -> None:
    """Plan field visits, vouch for the visitors and watch over them."""
    configure()


@vouchsafe.group()
def keys() -> None:
    """The installation's secrets."""


@keys.command()
def generate() -> None:
    """Write new random keys; an existing file is never overwritten."""
    write_keys(from_environment())


def write_keys(settings: Settings) -> None:
    """A keys file that only its owner may read."""
    path = settings.keys_file
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    except FileExistsError as error:
        kept = f"{path} already exists and is kept: without its keys the data is lost."
        raise Misconfigured(kept) from error
    try:
        with os.fdopen(number, "w") as file:
            file.write(Keyring.generate().dump())
    except OSError:
        path.unlink()  # half a file would stand in the way of whole keys
        raise
    console.print(f"Keys written to {path}. Keep a copy in a safe place.")


@vouchsafe.command("migrate")
def migrate_command() -> None:
    """Migrate the database to the schema of this version."""
    prepare(from_environment())
    console.print(f"The database is at revision {migrate.SUPPORTED[-1]}.")


def prepare(settings: Settings, *, demo: bool = False, offset_s: float = 0.0) -> None:
    """Migrate, and tie a new database to its keys."""
    keyring = runtimes.load_keys(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = database.connect(settings.database_url)
    if migrate.current(engine) is not None:
        runtimes.check_keys(engine, keyring)
    migrate.upgrade(engine)
    with database.factory(engine).begin() as session:
        if session.scalars(select(Installation)).first() is None:
            session.add(
                Installation(
                    number=1,
                    demo=demo,
                    clock_offset_s=offset_s,
                    keyring_check=runtimes.fingerprint(keyring),
                )
            )
    engine.dispose()


@vouchsafe.command("create-admin")
@click.option("--organisation", "slug", required=True, help="short name used to log in")
@click.option("--name", required=True, help="the organisation's name")
@click.option(
    "--public-name",
    required=True,
    help="the name that borrowers see; it must not hint at a debt",
)
@click.option("--country", default="CN", show_default=True)
@click.option("--fallback-phone", "phones", multiple=True, required=True)
@click.option("--emergency-phone", default="110", show_default=True)
@click.option("--login", required=True)
@click.option(
    "--phone",
    required=True,
    help="the admin's phone, E.164: alerts go here if they reach no officer",
)
@click.password_option(envvar="VOUCHSAFE_ADMIN_PASSWORD")
def create_admin(  # noqa: PLR0917 - click hands options over by name
    slug: str,
    name: str,
    public_name: str,
    country: str,
    phones: tuple[str, ...],
    emergency_phone: str,
    login: str,
    phone: str,
    password: str,
) -> None:
    """Create an admin, and the organisation if it does not exist yet."""
    runtime = runtimes.start(from_environment())
    with runtime.sessions.begin() as session:
        now = runtime.clock.now(session)
        organisation = session.scalars(
            select(Organisation).where(Organisation.slug == slug)
        ).first()
        if organisation is None:
            organisation = organisations.create(
                session,
                slug=slug,
                name=name,
                public_name=public_name,
                country=country,
                fallback_phones=list(phones),
                emergency_phone=emergency_phone,
                now=now,
            )
            policies.install(session, organisation)
        users.create(
            session,
            organisation_id=organisation.id,
            login=login,
            name=login,
            phone=phone,
            role=Role.ADMIN,
            password=password,
            pin=None,
            created_by=None,
            now=now,
        )
    console.print(f"{login} can now log in to {slug}.")


@vouchsafe.command("web")
def web_command() -> None:
    """Serve HTTP; start more of these on other ports or hosts to scale."""
    settings = from_environment()
    require_free(settings)
    web.serve(settings, create_app(runtimes.start(settings)))


@vouchsafe.command("worker")
def worker_command() -> None:
    """Open alerts, escalate them, send messages, seal the audit."""
    Worker(runtimes.start(from_environment())).run()


@vouchsafe.command("sentinel")
def sentinel_command() -> None:
    """Watch the workers and the alerts."""
    Sentinel(runtimes.start(from_environment())).run()


@vouchsafe.command("run")
def run_command() -> None:
    """Run web, worker and sentinel; make keys and database if they are missing."""
    settings = from_environment()
    require_free(settings)
    if not settings.keys_file.exists():
        write_keys(settings)
    prepare(settings)
    runtimes.start(settings).engine.dispose()
    logs = settings.home / "logs"
    console.print(f"Serving at {settings.public_url}; logs in {logs}. Ctrl-C stops it.")
    parent.serve({}, logs)
    console.print("Stopped.")


def require_free(settings: Settings) -> None:
    """``Misconfigured`` where somebody else listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise Misconfigured(
                f"Cannot listen on {settings.host}:{settings.port} "
                f"({error.strerror}): set VOUCHSAFE_HOST or VOUCHSAFE_PORT."
            ) from error


@vouchsafe.command("import")
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


@vouchsafe.group()
def audit() -> None:
    """The audit record, which can be checked."""


@audit.command()
def verify() -> None:
    """Check the chain of seals and name the first broken row."""
    runtime = runtimes.start(from_environment())
    with runtime.sessions() as session:
        verdict = sealer.verify(session)
    if verdict.late:
        console.print(
            f"[yellow]{verdict.late} rows were sealed more than ten minutes after they "
            f"were written, the first by link {verdict.first_late}.[/yellow] Unless no "
            "worker ran then, links were removed and made anew."
        )
    if verdict.broken is None:
        console.print(
            f"{verdict.rows} sealed rows hold; {verdict.unsealed} wait for a seal."
        )
        return
    console.print(f"[red]Broken at {verdict.broken}[/red]")
    sys.exit(1)


def main() -> None:
    """The console script: what went wrong as one line on standard error."""
    try:
        vouchsafe(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        fail("Aborted.", 130)
    except Invalid as error:
        fail(one_line(error), 1)
    except VouchsafeError as error:
        fail(error.detail, 1)
    except CommandError as error:
        fail(f"The database cannot be migrated: {error}", 1)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        fail(f"Database error: {reason}", 1)
    except OSError as error:
        fail(f"{error.filename or ''}: {error.strerror or error}".lstrip(": "), 1)


def one_line(error: Invalid) -> str:
    """The detail, and what it says of single fields where the detail does not."""
    reasons = [
        f"{field}: {reason}"
        for field, found in error.fields.items()
        for reason in found
        if reason not in error.detail
    ]
    return " ".join([error.detail, *reasons])


def fail(words: str, status: int) -> NoReturn:
    """One line, and out."""
    errors.print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
