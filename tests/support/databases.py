"""A fresh, migrated database for each test, cloned from a template."""

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from models import database, migrate

numbers = count(1)


@dataclass
class Database:
    """One database of a test: its URL for processes, an engine for this one."""

    url: str
    engine: Engine
    sessions: sessionmaker[Session]

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name


def opened(url: str) -> Database:
    """Connect to an existing, migrated database."""
    engine = database.connect(url)
    return Database(url, engine, database.factory(engine))


def someone_waits(made: Database) -> bool:
    """True while a statement waits for another's lock on this PostgreSQL database."""
    waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
    with made.engine.connect() as connection:
        return connection.exec_driver_sql(waiting).first() is not None


def closed(engine: Engine) -> None:
    """Close an engine for good: nobody may hold a connection, or open one again."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    held = pool.checkedout()
    event.listen(engine, "do_connect", _over)
    engine.dispose()
    assert held == 0, f"{held} connections were not given back"


def _over(*_: object) -> None:
    raise RuntimeError("the test that this database belonged to is over")


class SqliteFactory:
    """Copies a migrated file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        engine = database.connect(f"sqlite:///{self.template}")
        migrate.upgrade(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        engine.dispose()

    def new(self) -> Database:
        """A fresh copy."""
        path = self.folder / f"test{next(numbers)}.sqlite3"
        shutil.copy(self.template, path)
        return opened(f"sqlite:///{path}")

    def drop(self, made: Database) -> None:
        """Close it and remove the file."""
        closed(made.engine)
        Path(made.url.removeprefix("sqlite:///")).unlink()


class PostgresFactory:
    """Clones a migrated template database."""

    def __init__(self, dsn: str, worker: str) -> None:
        self.dsn, self.worker = dsn, worker
        self.template = f"template_{worker}"
        self._admin(f"CREATE DATABASE {self.template}")
        engine = database.connect(self.url(self.template))
        migrate.upgrade(engine)
        engine.dispose()

    def url(self, name: str) -> str:
        """SQLAlchemy's URL of a database in the cluster."""
        return self.dsn.replace("postgresql://", "postgresql+psycopg://").replace(
            "/postgres?", f"/{name}?"
        )

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def new(self) -> Database:
        """A fresh clone."""
        name = f"test_{self.worker}_{next(numbers)}"
        self._admin(
            f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY FILE_COPY"
        )
        return opened(self.url(name))

    def drop(self, made: Database) -> None:
        """Close it and drop it, whoever is still connected."""
        closed(made.engine)
        name = made.engine.url.database
        self._admin(f"DROP DATABASE {name} WITH (FORCE)")
