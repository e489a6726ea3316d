"""The keys file."""

import os
from pathlib import Path

import click
from rich.progress import MofNCompleteColumn, Progress

from accounts import audit
from core.errors import Misconfigured
from core.keyring import Keyring
from models import database, resealing
from models.resealing import Outcome
from models.sealed import ring
from server import keys_file
from server import runtime as runtimes
from server.clock import real
from server.commands import console, errors
from server.runtime import Runtime
from server.settings import Settings, from_environment

SETTLED_S = 60  # longer than any transaction that may be open


@click.group()
def keys() -> None:
    """The installation's secrets."""


@keys.command()
def generate() -> None:
    """Write new random keys; an existing file is never overwritten."""
    write(from_environment())


@keys.command()
@click.option(
    "--copied",
    is_flag=True,
    help="every host has a copy of the keys file as it is now",
)
def rotate(*, copied: bool) -> None:
    """Seal every personal value anew under a new key, while others work on.

    Broken off, it goes on where it was. On PostgreSQL other hosts may serve: the first
    call makes the key, and asks you to copy the file before anything is sealed with it.
    """
    settings = from_environment()
    runtime = runtimes.start(settings)
    with keys_file.alone(settings.keys_file):
        if not _turned(runtime, copied=copied):
            return
        outcome = _reseal(runtime)
    _record(runtime, "keys.rotated", moved=outcome.moved, left=outcome.left)
    console.print(
        f"{outcome.moved} values sealed anew under key {ring.keyring.current}; "
        f"{outcome.left} left under older ones."
    )
    for place in sorted(outcome.damaged):
        errors.print(f"[red]{place} does not open and was left as it is.[/red]")
    if not outcome.left:
        console.print("Older keys stay in the file until `vouchsafe keys retire`.")


@keys.command()
@click.option(
    "--copied",
    is_flag=True,
    help="every host has a copy of the keys file as it is now",
)
def retire(*, copied: bool) -> None:
    """Take old keys out of the file, after proving that no value needs them."""
    settings = from_environment()
    runtime = runtimes.start(settings)
    path = settings.keys_file
    with keys_file.alone(path):
        _require_quiet(runtime, path, copied=copied)
        with database.reading(runtime.sessions) as session:
            keyring = ring.keyring
            needed = {one: resealing.used(session, one) for one in keyring.data_keys}
        gone = sorted(keyring.data_keys.keys() - {keyring.current, keyring.coming})
        if found := [
            f"{one} ({', '.join(needed[one])})" for one in gone if needed[one]
        ]:
            raise Misconfigured(
                f"Values are still sealed by {'; '.join(found)}: run `vouchsafe keys "
                "rotate` again, on several hosts after copying the keys file to each."
            )
        if not gone:
            console.print("Retired: nothing.")
            return
        kept = keys_file.keep(path, name=f"{path.name}.before-{keyring.current}")
        keys_file.replace(path, keyring.keep(set()))
        _record(runtime, "keys.retired", keys=gone)
    console.print(
        f"Retired: {', '.join(gone)}. Copy {path} to every host. Backups made before "
        f"need the file as it was: {kept}. Keep it in another place than the backups, "
        "and delete it with the last of them."
    )


def _turned(runtime: Runtime, *, copied: bool) -> bool:
    """Is there a current key to bring values under? Changes the file where needed.

    A rotation that was broken off is gone on with and makes no third key.
    """
    path, keyring = runtime.settings.keys_file, ring.keyring
    if keyring.coming is None:
        with database.reading(runtime.sessions) as session:
            unfinished = resealing.count_stale(session)
        if unfinished:
            console.print(f"Going on: {unfinished} values are under older keys.")
            return True
        keyring = keyring.announce()
        keys_file.replace(path, keyring)
    if _elsewhere(runtime) and not copied:
        console.print(
            f"The new key {keyring.coming} is in {path} and seals nothing yet. Copy "
            "the file to every host (a running process reads it by itself), then run "
            "`vouchsafe keys rotate --copied`."
        )
        return False
    keys_file.replace(path, keyring.turn())
    ring.use(runtimes.load_keys(runtime.settings))
    return True


def _elsewhere(runtime: Runtime) -> bool:
    """May a process on another host hold a copy of the file? SQLite has one host."""
    return runtime.engine.dialect.name != "sqlite"


def _reseal(runtime: Runtime) -> Outcome:
    with database.reading(runtime.sessions) as session:
        total = resealing.count_stale(session)
    with Progress(
        *Progress.get_default_columns(), MofNCompleteColumn(), console=errors
    ) as progress:
        task = progress.add_task("Sealing anew", total=total)
        return resealing.reseal(
            runtime.sessions, tell=lambda n: progress.advance(task, n)
        )


def _require_quiet(runtime: Runtime, path: Path, *, copied: bool) -> None:
    """Nobody seals with an old key any more, nor has a transaction that did so open."""
    if _elsewhere(runtime) and not copied:
        raise Misconfigured(
            f"Copy {path} to every host first, then run `vouchsafe keys retire "
            "--copied`: a host with an older copy goes on sealing with an old key."
        )
    if real().timestamp() - path.stat().st_mtime < SETTLED_S:
        raise Misconfigured(
            "The keys file changed less than a minute ago: what was begun before may "
            "still be written under an old key. Try again in a minute."
        )


def _record(runtime: Runtime, action: str, **detail: object) -> None:
    with runtime.sessions.begin() as session:
        audit.record(
            session,
            organisation_id=None,
            actor_id=None,
            action=action,
            subject="installation",
            subject_id=None,
            now=runtime.clock.now(session),
            current=ring.keyring.current,
            **detail,
        )


def write(settings: Settings) -> None:
    """A keys file that only its owner may read; none beside a database that has one."""
    path = settings.keys_file
    if not path.exists() and runtimes.has_owner(settings):
        raise Misconfigured(
            f"The database was set up with keys of its own, and {path} is not there: "
            "put them there, from the copy that you keep. New keys would open nothing."
        )
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
