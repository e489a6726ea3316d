"""Engines for the two databases, set up so that claims and locks mean what they say."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_MS = 30_000
# A host that vanished holds its rows no longer than the second; whoever waits for a row
# gives up after the first and says so. Both sides notice a dead peer within seconds.
LOCK_S = 5
BREATH_S = 0.12  # whoever waits for SQLite's writer looks at least every 100 ms
IDLE_IN_TRANSACTION_S = 15
LOCKED_TOO_LONG = "55P03"  # the SQLSTATE of who gave up
PEER_GONE = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///file`` or ``postgresql+psycopg://…``."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    engine = create_engine(
        url,
        # all are kept: a worker has more duties than twenty, and opening costs more
        # than what most of them ask
        pool_size=40,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=10,
        connect_args=PEER_GONE,
    )
    event.listen(engine, "connect", _bound)
    return engine


def _bound(connection: psycopg.Connection[TupleRow], _: object) -> None:
    """Nothing waits without limit; set here, so that options of the URL stand."""
    connection.execute(f"SET lock_timeout = '{LOCK_S}s'")
    idle = "idle_in_transaction_session_timeout"
    connection.execute(f"SET {idle} = '{IDLE_IN_TRANSACTION_S}s'")
    connection.execute("SET tcp_keepalives_idle = 5")
    connection.execute("SET tcp_keepalives_interval = 2")
    connection.execute("SET tcp_keepalives_count = 3")
    connection.commit()


def factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions that keep their rows readable after the commit."""
    return sessionmaker(engine, expire_on_commit=False)


def hold(session: Session, *rows: object) -> None:
    """Keep rows at hand until the session ends: who asks by id reads none anew.

    A session refers to what it has read weakly, and so forgets what nobody else holds.
    For the sessions of one request, which live for one transaction.
    """
    session.info.setdefault("held", []).extend(rows)


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A transaction that only looks: on SQLite it does not take the write lock."""
    with sessions.begin() as session:
        session.connection(execution_options={"reading": True})
        yield session


def breathe(session: Session) -> None:
    """After a transaction of long work: where there is one writer, others write now."""
    if session.get_bind().dialect.name == "sqlite":
        time.sleep(BREATH_S)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    """WAL with full sync: a commit that was reported survives the power failing."""
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once: upgrading a read lock later may fail as busy."""
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
