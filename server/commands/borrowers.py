"""Export and erasure of one borrower."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

import click
from sqlalchemy.orm import Session

from accounts import access_log
from core.actor import Actor
from core.errors import Misconfigured
from models import database
from safety import borrower_files, erasing
from safety.erasure_looks import Standing
from server import runtime as runtimes
from server.commands import console
from server.commands.imports import session_user
from server.compose import erasing as composed
from server.endpoint import Call
from server.runtime import Runtime
from server.schemas.borrowers import BorrowerFileSchema
from server.settings import from_environment

ROUTE = "command_borrower_export"


@click.group()
def borrower() -> None:
    """Export or erase what is held about one borrower."""


def whom(command: Callable[..., None]) -> Callable[..., None]:
    """The options that name the borrower, and who is recorded as asking."""
    for option in (
        click.option("--debtor-ref", help="the creditor's reference for the borrower"),
        click.option("--creditor", help="the creditor's code, with --debtor-ref"),
        click.option(
            "--id",
            "borrower_id",
            type=click.UUID,
            help="the borrower's id, in place of --creditor and --debtor-ref",
        ),
        click.option("--login", required=True, help="the user recorded as asking"),
        click.option("--organisation", "slug", required=True),
    ):
        command = option(command)
    return command


@borrower.command()
@whom
@click.option(
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="a new file that only you may read; never written over",
)
def export(slug: str, login: str, output: Path, **named: Any) -> None:
    """Write all that is held about a borrower to a JSON file."""
    runtime = runtimes.start(from_environment())
    with _fresh(output) as file:
        with runtime.sessions.begin() as session:
            actor = _actor(session, slug, login)
            borrower_id = _named(session, actor, **named)
            document = _recorded(_call(runtime, session, actor), borrower_id)
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.write("\n")
    console.print(f"{output} written.")
    if document["withheld"]:
        lacks = ", ".join(document["withheld"])
        console.print(f"Withheld from {login}: {lacks}. The contact desk may read it.")


def _recorded(call: Call, borrower_id: UUID) -> Any:
    """The document; who reads it is written down before he does."""
    found = borrower_files.export(call.session, call.actor, borrower_id, now=call.now)
    shown = BorrowerFileSchema().dump(found)
    access_log.record(
        call.session,
        call.actor,
        route=ROUTE,
        case_ids=[UUID(case["id"]) for case in shown["cases"]],
        now=call.now,
    )
    return shown


@contextmanager
def _fresh(output: Path) -> Iterator[TextIO]:
    """Mode 0600 from the beginning, never written over; gone where nothing came."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
    except BaseException:
        output.unlink()
        raise


@borrower.command()
@whom
@click.option("--yes", is_flag=True, help="erase without asking")
def erase(slug: str, login: str, *, yes: bool, **named: Any) -> None:
    """Erase what is held about a borrower, for good."""
    runtime = runtimes.start(from_environment())
    with database.reading(runtime.sessions) as session:
        actor = _actor(session, slug, login)
        borrower_id = _named(session, actor, **named)
        before = composed.look(_call(runtime, session, actor), borrower_id)
    if before.erased_at is None and not before.obstacles:
        _show(before, "would go", "would be called off")
        if not yes:
            click.confirm("Erase for good?", abort=True)
    with runtime.sessions.begin() as session:
        erasing.hold(session, actor, borrower_id)
        done = composed.erase(_call(runtime, session, actor), borrower_id)
    _show(done, "erased", "called off")
    console.print(f"Borrower {borrower_id} was erased at {done.erased_at:%F %T} UTC.")


def _actor(session: Session, slug: str, login: str) -> Actor:
    user = session_user(session, slug, login)
    return Actor(user.organisation_id, user.id, user.role)


def _call(runtime: Runtime, session: Session, actor: Actor) -> Call:
    return Call(session, actor, runtime.clock.now(session), runtime)


def _named(
    session: Session,
    actor: Actor,
    *,
    borrower_id: UUID | None,
    creditor: str | None,
    debtor_ref: str | None,
) -> UUID:
    if borrower_id is not None and creditor is None and debtor_ref is None:
        return borrower_files.get(session, actor, borrower_id).id
    if borrower_id is not None or creditor is None or debtor_ref is None:
        raise Misconfigured("Name a borrower by --creditor and --debtor-ref, or --id.")
    return borrower_files.find(
        session, actor.organisation_id, creditor_code=creditor, debtor_ref=debtor_ref
    )


def _show(standing: Standing, goes: str, called_off: str) -> None:
    for table, count in standing.goes.items():
        if count:
            console.print(f"{table}: {count} {goes}")
    for kept in standing.stays:
        assert isinstance(kept, dict)
        console.print(f"{kept['table']}: {kept['count']} kept until {kept['until']}")
    console.print(f"{standing.called_off} planned visits {called_off}")
