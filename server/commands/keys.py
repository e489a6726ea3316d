"""The keys file."""

import os

import click

from core.errors import Misconfigured
from core.keyring import Keyring
from server.commands import console
from server.settings import Settings, from_environment


@click.group()
def keys() -> None:
    """The installation's secrets."""


@keys.command()
def generate() -> None:
    """Write new random keys; an existing file is never overwritten."""
    write(from_environment())


def write(settings: Settings) -> None:
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
