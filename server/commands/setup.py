"""Migrations, and the first admin of an organisation."""

import os
import sys
from collections.abc import Sequence

import click
from sqlalchemy import select

from accounts import logins, organisations, passwords, second_factors, users
from core.errors import Misconfigured, NotFound
from core.words import Role
from gate import packs
from models import Installation, Organisation, ProcessPulse, database, migrate
from safety import policies
from server import runtime as runtimes
from server import upgrading
from server.commands import console
from server.compose import account_news
from server.settings import Settings, from_environment

GIVEN = "VOUCHSAFE_ADMIN_PASSWORD"


@click.command("migrate")
@click.option("--plan", is_flag=True, help="only say what would be done")
@click.option(
    "--contract-now",
    is_flag=True,
    help="take away what older programs need, even while such processes run",
)
def migrate_command(*, plan: bool, contract_now: bool) -> None:
    """Migrate the database to the schema of this version."""
    settings = from_environment()
    if plan:
        show(settings)
        return
    waits_for = prepare(settings, contract_now=contract_now)
    if waits_for:
        who = ", ".join(sorted(f"{one.kind} on {one.host}" for one in waits_for))
        console.print(
            f"[yellow]Held at revision {migrate.needed()}[/yellow]: the rest takes "
            f"away what older programs need, and they still run: {who}. Replace them, "
            "then run `vouchsafe migrate` again."
        )
        return
    console.print(f"The database is at revision {migrate.head()}.")


def show(settings: Settings) -> None:
    """Each migration that is due, and which of them older programs do not survive."""
    engine = database.connect(settings.database_url)
    for step in migrate.plan(engine):
        what = "[red]takes away[/red]" if step.contracts else "adds"
        console.print(f"{step.revision} {what}: {step.what}")
    console.print(
        f"The database is at revision {migrate.current(engine) or 'none'}; this "
        f"version needs {migrate.needed()} and goes to {migrate.head()}."
    )
    engine.dispose()


def prepare(
    settings: Settings,
    *,
    demo: bool = False,
    offset_s: float = 0.0,
    contract_now: bool = False,
) -> Sequence[ProcessPulse]:
    """Migrate, and tie a new database to its keys; whom a contract waits for."""
    keyring = runtimes.load_keys(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = database.connect(settings.database_url)
    if migrate.current(engine) is not None:
        runtimes.check_keys(engine, keyring)
    waits_for = upgrading.advance(engine, contract_now=contract_now)
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
    return waits_for


@click.command("create-admin")
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
def create_admin(  # noqa: PLR0917 - click hands options over by name
    slug: str,
    name: str,
    public_name: str,
    country: str,
    phones: tuple[str, ...],
    emergency_phone: str,
    login: str,
    phone: str,
) -> None:
    """Create an admin, and the organisation if it does not exist yet.

    The password is asked for, or taken from VOUCHSAFE_ADMIN_PASSWORD.
    """
    typed = _password()
    runtime = runtimes.start(from_environment())
    hashed = passwords.hash_password(typed)
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
            password=hashed,
            created_by=None,
            now=now,
        )
        required = organisation.second_factor_required
        at_home = organisation.country
    console.print(f"{login} can now log in to {slug}.")
    if packs.for_place(at_home, None) is None:
        console.print(
            f"There is no rule pack for {at_home}: no visit there can be scheduled yet."
        )
    if required:
        console.print(
            "The first log-in sets up an authenticator: open "
            f"{runtime.settings.public_url}/safety."
        )


def _password() -> str:
    """From the environment or typed twice; no option, which ``ps`` would show."""
    if given := os.environ.get(GIVEN):
        return given
    if not sys.stdin.isatty():
        raise Misconfigured(
            f"There is no terminal to ask for the password: set {GIVEN}."
        )
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@click.command("reset-second-factor")
@click.option("--organisation", "slug", required=True, help="short name used to log in")
@click.option("--login", required=True)
def reset_second_factor(slug: str, login: str) -> None:
    """Take away a lost authenticator, where no other admin can; its owner is told."""
    runtime = runtimes.start(from_environment())
    with runtime.sessions.begin() as session:
        user = logins.find(session, slug, login)
        if user is None:
            raise NotFound("user")
        now = runtime.clock.now(session)
        second_factors.remove(session, user, removed_by=None, now=now)
        account_news.second_factor_reset(session, user, now=now)
    console.print(f"{login} sets up a second factor at the next log-in.")
