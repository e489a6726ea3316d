"""Many new rows of one table in one statement, personal values sealed on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Table, insert, inspect
from sqlalchemy.orm import Session

from core import ids
from models.base import Base
from models.sealed import Personal

M = TypeVar("M", bound=Base)


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
    """Insert them in one round trip, past the session's bookkeeping."""
    table = model.__table__
    assert isinstance(table, Table)
    if rows:
        session.connection().execute(insert(table), [one.values for one in rows])


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
