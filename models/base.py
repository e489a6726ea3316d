"""The declarative base, its naming convention and the column types we own."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    MetaData,
    String,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    declared_attr,
    mapped_column,
)

from core import ids

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")
NO_JSON_IS_NULL = JSON(none_as_null=True).with_variant(
    JSONB(none_as_null=True), "postgresql"
)

E = TypeVar("E", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; naive values are refused, what comes back is UTC.

    SQLite has no zone, so there the UTC wall time is stored and re-labelled.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Refuse naive instants, hand over UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Aware UTC, always."""
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


class Word(TypeDecorator[E]):
    """A ``StrEnum`` stored as its value; ``one_of`` adds the matching CHECK."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[E]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """The stored value; anything that is not one of the words raises."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The enumeration's member."""
        return None if value is None else self.words(value)


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """CHECK that ``column`` holds one of the enumeration's values."""
    values = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_word")


Json = Annotated[dict[str, object], mapped_column(JSON_TYPE)]
JsonList = Annotated[list[object], mapped_column(JSON_TYPE)]
Instant = Annotated[datetime, mapped_column(UtcDateTime)]
Digest = Annotated[str, mapped_column(String(64))]


class Base(DeclarativeBase):
    """The base of every table; takes only values that the row has."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    def __init__(self, **values: object) -> None:
        """Take keyword values; the id comes first, sealed columns are bound to it."""
        first = {"id": ids.new()} if hasattr(type(self), "id") else {}
        for name, value in {**first, **values}.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name!r}")
            setattr(self, name, value)


class Identified:
    """A row with a UUIDv7 primary key."""

    __tablename__: str

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)


class Tenant(Identified):
    """A row of one organisation; services always filter by it."""

    @declared_attr
    def organisation_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy passes the class
        """The organisation whose row this is."""
        return mapped_column(ForeignKey("organisations.id"), index=True)
