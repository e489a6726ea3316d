"""Backup and restore of an SQLite database, which is copied while others write."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import make_url, select

from accounts import audit
from core.errors import Misconfigured
from core.keyring import Keyring
from models import Installation, backups, database, migrate
from models.backups import Facts
from server import clock
from server import runtime as runtimes
from server.clock import Clock
from server.commands import console
from server.settings import Settings, from_environment

STAMP = "%Y%m%dT%H%M%SZ"
MANUAL = "docs/operations.md"
AFTERWARDS = f"""\
What happened after the backup is not known here any more. Before anybody is sent out:
- People who checked in since are NOT watched: tell them all to check in again.
- Watches that ended since are running again, and alert when they fall due: ring up.
- What was revoked or suspended since, badges, devices and people, counts again.
- What borrowers have asked for since is gone: wishes, holds, consents, erasures.
{MANUAL} has the whole list."""


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
def backup_command(file: Path) -> None:
    """Copy the database in use to FILE, or into a folder; without its keys."""
    settings = from_environment()
    keyring = runtimes.load_keys(settings)
    source = _embedded(settings, "pg_dump")
    if not source.exists():
        raise Misconfigured(f"There is no database at {source}.")
    if file.is_dir():
        file /= f"vouchsafe-{clock.real().strftime(STAMP)}.sqlite3"
    if file.exists():
        raise Misconfigured(f"{file} exists already and is kept: name another file.")
    with _beside(file) as part:
        backups.copy(source, part)
        facts = _fitting(part, keyring)
        part.rename(file)
        backups.sync(file.parent)
    keys = ", ".join(sorted(facts.data_keys)) or "none yet"
    console.print(
        f"{file}: {file.stat().st_size / 1e6:.1f} MB, revision {facts.revision}, "
        "checked."
    )
    console.print(
        f"[bold red]The keys are NOT in it[/bold red] (data keys that it needs: {keys})"
        f". Without a copy of {settings.keys_file}, kept in another place, nobody can "
        "read it."
    )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--discard-newer",
    is_flag=True,
    help="although the database here has rows that the backup lacks",
)
def restore_command(file: Path, *, discard_newer: bool) -> None:
    """Put the backup FILE in the place of the database, which is kept aside."""
    settings = from_environment()
    keyring = runtimes.load_keys(settings)
    place = _embedded(settings, "pg_restore")
    facts = _fitting(file, keyring)
    _may_go(place, facts, discard_newer=discard_newer)
    settings.home.mkdir(parents=True, exist_ok=True)
    with _beside(place) as part:
        shutil.copyfile(file, part)
        _bring_up_to_date(part)
        backups.sync(part)
        _same_owner(part, place)
        _at_rest(place)
        stamp = clock.real().strftime(STAMP)
        aside = place.with_name(f"{place.name}.before-restore-{stamp}")
        backups.swap(place, part, aside)
    kept = f" What was there is kept as {aside}." if aside.exists() else ""
    console.print(f"{place} is now what {file} held.{kept}")
    console.print(AFTERWARDS, style="bold red", highlight=False)


def _embedded(settings: Settings, other: str) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Misconfigured(
            f"This is for SQLite; on PostgreSQL use {other}, see {MANUAL}."
        )
    return Path(url.database).absolute()


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file of its owner alone in the same folder, gone unless it was renamed."""
    if not path.parent.is_dir():
        raise Misconfigured(f"There is no folder {path.parent}.")
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(number)  # mkstemp: mode 600
    part = Path(name)
    try:
        yield part
    finally:
        for end in ("", *backups.BESIDE):
            part.with_name(part.name + end).unlink(missing_ok=True)


def _fitting(path: Path, keyring: Keyring) -> Facts:
    """The facts of a database that is whole, and that these keys open."""
    try:
        facts = backups.examine(path)
    except backups.Unreadable as error:
        raise Misconfigured(f"{path} is not a whole database: {error}.") from error
    if facts.keyring_check != runtimes.fingerprint(keyring):
        raise Misconfigured(f"The keys at hand do not belong to {path}.")
    if missing := facts.data_keys - keyring.data_keys.keys():
        raise Misconfigured(
            f"{path} needs data keys that the keys file lacks: "
            f"{', '.join(sorted(missing))}. Take the keys file of its time."
        )
    return facts


def _may_go(place: Path, backup: Facts, *, discard_newer: bool) -> None:
    """``Misconfigured`` where the database in place is in use, or knows more."""
    if not _at_rest(place):
        return
    try:
        revision = backups.examine(place).revision
        lost = backups.newer(place, backup.newest)
    except backups.Unreadable:
        return
    if discard_newer or (not lost and (revision or "") <= (backup.revision or "")):
        return
    raise Misconfigured(
        f"{place} is newer: {lost} audit rows in it were written after the backup, and "
        f"it is at revision {revision}. To go back all the same: --discard-newer."
    )


def _at_rest(place: Path) -> bool:
    """False where nothing can be compared: what is there is kept aside as it is."""
    if not place.exists():
        return False
    try:
        backups.fold(place)
    except backups.InUse as error:
        raise Misconfigured(
            f"{place} is in use: stop web, worker and sentinel first."
        ) from error
    except backups.Unreadable:
        return False
    return True


def _bring_up_to_date(part: Path) -> None:
    """At this version's revision, with the restoring on record."""
    engine = database.connect(f"sqlite:///{part}")
    if (migrate.current(engine) or "") < migrate.head():
        migrate.upgrade(engine)
    runtimes.check_revision(engine)
    with database.factory(engine).begin() as session:
        installation = session.scalars(select(Installation)).one()
        offset = timedelta(seconds=installation.clock_offset_s)
        audit.record(
            session,
            organisation_id=None,
            actor_id=None,
            action="installation.restored",
            subject="installation",
            subject_id=None,
            now=Clock(offset).now(session),
        )
    engine.dispose()
    backups.fold(part)


def _same_owner(part: Path, place: Path) -> None:
    """Whoever may use the folder may use the database, also where root restores."""
    like = place if place.exists() else place.parent
    if os.geteuid() == 0:
        shutil.chown(part, like.stat().st_uid, like.stat().st_gid)
