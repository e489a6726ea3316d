"""A backup of an installation under load, and the same installation elsewhere."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from models.sealed import ring
from tests.support import forked
from tests.support.databases import Database, opened
from tests.support.postgres import binaries
from tests.support.premises import Premises


def command(premises: Premises, *words: str) -> str:
    """Run an operator's command to its end; what it printed."""
    done = forked.run(*words, environ=premises.environ, timeout=100)
    assert done.returncode == 0, done.stderr
    return done.stdout


def back_up(premises: Premises, file: Path) -> float:
    """As docs/operations.md says; the instant at which it began."""
    began = time.monotonic()
    if premises.database.kind == "sqlite":
        command(premises, "backup", str(file))
    else:
        _postgres("pg_dump", "-Fc", "-f", str(file), "-d", _libpq(premises.database))
    return began


@contextmanager
def restored(premises: Premises, file: Path) -> Iterator[Premises]:
    """The backup in a house of its own, with the same keys."""
    home = premises.home / "elsewhere"
    home.mkdir()
    if premises.database.kind == "sqlite":
        url = f"sqlite:///{home / 'vouchsafe.sqlite3'}"
        elsewhere = Premises(Database(url, None, None), home)  # type: ignore[arg-type]
        elsewhere.write_keys(ring.keyring.dump())
        command(elsewhere, "restore", str(file))
    else:
        name = f"restored_{premises.database.engine.url.database}"
        _admin(premises.database, f"CREATE DATABASE {name}")
        url = premises.database.url.replace(
            f"/{premises.database.engine.url.database}?", f"/{name}?"
        )
        elsewhere = Premises(opened(url), home)
        elsewhere.write_keys(ring.keyring.dump())
        libpq = _libpq(elsewhere.database)
        _postgres("pg_restore", "--exit-on-error", "-d", libpq, str(file))
    elsewhere.database = opened(url)
    yield elsewhere
    elsewhere.close()
    elsewhere.database.engine.dispose()
    if premises.database.kind == "postgresql":
        _admin(premises.database, f"DROP DATABASE {name} WITH (FORCE)")
    shutil.rmtree(home)


def _libpq(database: Database) -> str:
    return database.url.replace("postgresql+psycopg://", "postgresql://")


def _admin(database: Database, statement: str) -> None:
    with psycopg.connect(_libpq(database), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _postgres(name: str, *words: str) -> None:
    """One of the tools beside the server that the tests run; missing is a failure."""
    done = subprocess.run(
        [binaries() / name, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
