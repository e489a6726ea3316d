"""Many rows at once: new ones in one statement, known ones found by many values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Dialect,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import ids
from models.base import Base
from models.sealed import Personal

M = TypeVar("M", bound=Base)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value is sealed for: what ``Personal`` needs of a row."""

    __tablename__: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Row(Generic[M]):
    """A row that is not stored yet; ``values`` by the table's own column names."""

    id: UUID
    values: Mapping[str, object]


def row(model: type[M], **facts: object) -> Row[M]:
    """A row with an id of its own from the model's attributes; ``KeyError`` if none.

    All rows of one insert name the same attributes.
    """
    place = _Place(model.__tablename__, ids.new())
    values: dict[str, object] = {"id": place.id}
    columns = _columns(model)
    for name, value in facts.items():
        column, personal = columns[name]
        values[column] = personal.sealed(place, value) if personal else value
    return Row(place.id, values)


def add(session: Session, model: type[M], rows: Sequence[Row[M]]) -> None:
    """Insert them in one round trip, past the session's bookkeeping.

    PostgreSQL reads the CHECK constraints of a table anew for each INSERT, and once for
    a COPY of many rows. Errors are SQLAlchemy's own on both databases; ``KeyError`` for
    a column left out that has a default in Python: no COPY would apply it.
    """
    table = model.__table__
    assert isinstance(table, Table)
    if not rows:
        return
    default = {one.key for one in table.columns if one.default}
    if left := default - rows[0].values.keys():
        raise KeyError(f"{table.name}: a bulk row must name {sorted(left)}")
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        _copy(connection, table, rows)
    else:
        connection.execute(insert(table), [one.values for one in rows])


def among(
    session: Session, column: InstrumentedAttribute[V], values: Collection[object]
) -> ColumnElement[bool]:
    """Is the column's value one of these many?

    PostgreSQL looks each of them up in the column's index, also where it knows nothing
    of a growing table yet; of a long ``IN`` it may ask row after row.
    """
    if session.get_bind().dialect.name != "postgresql":
        return column.in_(values)
    array = bindparam(None, list(values), ARRAY(column.type))
    return column.in_(select(func.unnest(array)))


def _copy(connection: Connection, table: Table, rows: Sequence[Row[M]]) -> None:
    names = tuple(rows[0].values)
    bound = _bound(table, names, connection.dialect)
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    statement = f"COPY {quote(table.name)} ({columns}) FROM STDIN"
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for one in rows:
                cells = map(one.values.__getitem__, names)
                copy.write_row(
                    [bind(cell) for bind, cell in zip(bound, cells, strict=True)]
                )
    except psycopg.Error as error:
        raise DBAPIError.instance(statement, None, error, psycopg.Error) from error


Bind = Callable[[object], object]


def _as_it_is(value: object) -> object:
    return value


def _bound(table: Table, names: Sequence[str], dialect: Dialect) -> list[Bind]:
    """What makes a cell of each column fit for the driver, as in an INSERT."""
    types = [table.columns[name].type.dialect_impl(dialect) for name in names]
    return [one.bind_processor(dialect) or _as_it_is for one in types]


@cache
def _columns(model: type[Base]) -> Mapping[str, tuple[str, Personal[object] | None]]:
    """Column and seal by attribute."""
    attributes = inspect(model).column_attrs
    plain = {one.key: one.columns[0].key for one in attributes}
    personal = {
        name: (plain[one.column], one)
        for name, one in vars(model).items()
        if isinstance(one, Personal)
    }
    return {**{name: (column, None) for name, column in plain.items()}, **personal}
