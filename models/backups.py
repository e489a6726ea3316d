"""Copies of an SQLite database: taken while others write, read without changing them.

A copy is the database as of one instant: everything that was committed before it began,
nothing that came after. PostgreSQL brings tools of its own (docs/operations.md).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from models.base import Base
from models.database import BUSY_MS
from models.sealed import Sealed

BESIDE = ("-wal", "-shm")  # the files that SQLite keeps beside a database in use
ONLY_OWNER = 0o600
KEY_ID = slice(1, None)  # of a sealed value's head, see ``core.keyring``


class Unreadable(Exception):
    """The file is no whole SQLite database; the text says what is wrong."""


class InUse(Exception):
    """Another process has the database open."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database says of itself; ``data_keys`` are those that sealed a value.

    ``newest``: the id of the newest audit row in hex; such ids grow with time.
    """

    revision: str | None
    keyring_check: str | None
    newest: str | None
    data_keys: frozenset[str]


def copy(source: Path, target: Path) -> None:
    """Everything committed before the call into ``target``, an empty file or none.

    It reads in one transaction, so that writers go on; what was deleted before leaves
    no trace in the copy.
    """
    with closing(_opened(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    sync(target)


def examine(path: Path) -> Facts:
    """The facts of a whole database; ``Unreadable`` where it is none."""
    try:
        with closing(_opened(path)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise Unreadable(str(found))
            return _facts(connection)
    except sqlite3.Error as error:
        raise Unreadable(str(error)) from error


def newer(path: Path, than: str | None) -> int:
    """How many audit rows of the database are newer than the one with that id."""
    query = "SELECT count(*) FROM audit_rows WHERE id > ?"
    try:
        with closing(_opened(path)) as connection:
            count: int = connection.execute(query, (than or "",)).fetchone()[0]
    except sqlite3.Error as error:
        raise Unreadable(str(error)) from error
    return count


def fold(path: Path) -> None:
    """Everything into the one file; ``InUse`` where another process has it open."""
    try:
        with closing(_opened(path, patience_s=1)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise InUse(str(path)) from error
        raise Unreadable(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Unreadable(str(error)) from error


def swap(path: Path, new: Path, aside: Path) -> None:
    """``new`` takes the place of ``path``, whose files are kept as ``aside``.

    Whoever could read them does so no longer, but for their owner.
    """
    for end in (*BESIDE, ""):
        old = path.with_name(path.name + end)
        if old.exists():
            old.chmod(ONLY_OWNER)
            old.rename(aside.with_name(aside.name + end))
    new.rename(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """On the disk, so that it survives the power failing; a folder for its names."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _opened(path: Path, *, patience_s: float = BUSY_MS / 1000) -> sqlite3.Connection:
    """An existing file, never a new one."""
    address = f"file:{quote(str(path))}?mode=rw"
    return sqlite3.connect(address, uri=True, timeout=patience_s, isolation_level=None)


def _facts(connection: sqlite3.Connection) -> Facts:
    def first(query: str) -> str | None:
        row = connection.execute(query).fetchone()
        return None if row is None else row[0]

    return Facts(
        revision=first("SELECT version_num FROM alembic_version"),
        keyring_check=first("SELECT keyring_check FROM installation"),
        newest=first("SELECT max(id) FROM audit_rows"),
        data_keys=frozenset(_data_keys(connection)),
    )


def _data_keys(connection: sqlite3.Connection) -> Iterator[str]:
    """The ids of keys in the heads of sealed values: eight letters after the length."""
    for table in Base.metadata.sorted_tables:
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for column in table.columns:
            if isinstance(column.type, Sealed) and column.name in there:
                heads = connection.execute(
                    f'SELECT DISTINCT substr("{column.name}", 2, 9) FROM {table} '  # noqa: S608 - our own names
                    f'WHERE "{column.name}" IS NOT NULL'
                )
                for (head,) in heads:
                    yield head[KEY_ID].decode("ascii", errors="replace")
