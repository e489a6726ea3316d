"""A fresh database and installation for one measurement, and what it stands on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import postgres
from tests.support.databases import Database, PostgresFactory, SqliteFactory
from tests.support.postgres import Cluster
from tests.support.premises import Premises

DURABILITY = {
    "sqlite": "WAL, synchronous=FULL",
    "postgresql": f"fsync and synchronous_commit off, unix socket, {postgres.kept()}",
}


@contextmanager
def made_database(name: str) -> Iterator[Database]:
    """Migrated and empty."""
    if name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="vouchsafe-bench-") as folder:
            yield SqliteFactory(Path(folder)).new()
        return
    cluster = Cluster().start()
    try:
        database = PostgresFactory(cluster.dsn("postgres"), "bench").new()
        yield database
        database.engine.dispose()
    finally:
        cluster.stop()


@contextmanager
def installed(name: str, **environ: str) -> Iterator[Premises]:
    """A home with keys over such a database; what was started there ends with it."""
    with (
        tempfile.TemporaryDirectory(prefix="vouchsafe-bench-") as home,
        made_database(name) as database,
    ):
        premises = Premises(database, Path(home), fresh=True).install()
        premises.environ |= environ
        try:
            yield premises
        finally:
            premises.close()


@contextmanager
def serving(name: str) -> Iterator[Premises]:
    """The same with web, worker and sentinel at work."""
    with installed(name) as premises:
        for role in ("web", "worker", "sentinel"):
            premises.start(role)
        yield premises
