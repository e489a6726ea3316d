"""One process's footing: settings, keys, engine, sessions, clock; checked at start."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Engine, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from core.errors import Misconfigured
from core.keyring import Keyring
from credentials.photo_files import Folder
from gate import packs
from models import Installation, database, migrate
from models.sealed import ring
from server.clock import Clock
from server.keys_file import KeysFile
from server.settings import Settings

log = structlog.get_logger("vouchsafe.start")
OTHERS = 0o077  # the permissions of everybody but the owner


class Ticking(Protocol):
    """Anything that tells the time inside a transaction."""

    def now(self, session: Session) -> datetime:
        """Aware UTC."""


@dataclass
class Standing:
    """How this process stands; the one part of a runtime that changes.

    ``outdated``: the database no longer serves this program.
    """

    outdated: bool = False


@dataclass(frozen=True)
class Runtime:
    """What routes and processes work with."""

    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    clock: Ticking
    demo: bool = False
    standing: Standing = field(default_factory=Standing)
    photos: Folder | None = None


def load_keys(settings: Settings) -> Keyring:
    """The keyring of this installation; it never starts with someone else's or none."""
    if not settings.keys_file.is_file():
        raise Misconfigured(
            f"There are no keys at {settings.keys_file}. For a new installation run "
            "`vouchsafe keys generate`; for one that has a database put its own keys "
            "file there, from the copy that you keep: no other opens it."
        )
    if settings.keys_file.stat().st_mode & OTHERS:
        log.warning("others may read the keys file: chmod 600")
    file = KeysFile(settings.keys_file)
    keyring = file.read()
    ring.use(keyring, reload=file.newer)
    return keyring


def start(settings: Settings) -> Runtime:
    """A runtime over a migrated database whose keys are the ones at hand.

    The rule packs are read here, so that a wrong one stops the start and no visit.
    """
    for name in settings.unknown:
        log.warning("no such setting: is it misspelt? See README", name=name)
    keyring = load_keys(settings)
    engine = database.connect(settings.database_url)
    check_revision(engine)
    installation = check_keys(engine, keyring)
    if installation is None:
        raise Misconfigured("The database is not set up: run `vouchsafe migrate`.")
    packs.shipped()
    sessions = database.factory(engine)
    offset = timedelta(seconds=installation.clock_offset_s)
    photos = Folder(settings.photos) if settings.photos else None
    return Runtime(
        settings,
        engine,
        sessions,
        Clock(offset),
        installation.demo,
        photos=photos,
    )


def has_owner(settings: Settings) -> bool:
    """Is there a database that some keys belong to? No, where it cannot be asked."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return False
    engine = database.connect(settings.database_url)
    try:
        with database.factory(engine)() as session:
            return session.scalars(select(Installation.number)).first() is not None
    except DBAPIError:
        return False
    finally:
        engine.dispose()


def check_keys(engine: Engine, keyring: Keyring) -> Installation | None:
    """The installation in the database; ``Misconfigured`` where its keys are others."""
    with database.factory(engine)() as session:
        found = session.scalars(select(Installation)).first()
    if found is not None and found.keyring_check != fingerprint(keyring):
        raise Misconfigured("These keys do not belong to this database.")
    return found


def fingerprint(keyring: Keyring) -> str:
    """What the database keeps to recognise its keys by."""
    return keyring.digest("installation", "vouchsafe")


def check_revision(engine: Engine) -> None:
    """``Misconfigured`` unless the schema is one that this version speaks."""
    try:
        obstacle = migrate.obstacle(engine)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Misconfigured(f"The database cannot be used: {reason}") from error
    if obstacle is not None:
        raise Misconfigured(obstacle)
