"""Identifiers: UUIDv7 (RFC 9562), sortable by the millisecond of their making."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils import uuid7


def earliest(at: datetime) -> UUID:
    """No id that was made at this instant or later is smaller."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def made_at(made: UUID) -> datetime:
    """When the id was made, to the millisecond, by its host's clock."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)


def short(of: UUID) -> str:
    """Six characters by which people name a thing on the phone."""
    return of.hex[-6:].upper()


def new() -> UUID:
    """A fresh UUIDv7 as the standard library's type."""
    return UUID(int=uuid7().int)
