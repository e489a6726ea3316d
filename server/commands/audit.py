"""The audit record."""

import sys

import click

from accounts import sealer
from server import runtime as runtimes
from server.commands import console
from server.settings import from_environment


@click.group()
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
