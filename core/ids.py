"""Identifiers: UUIDv7 (RFC 9562), sortable by the millisecond of their making."""

from uuid import UUID

from uuid_utils import uuid7


def new() -> UUID:
    """A fresh UUIDv7 as the standard library's type."""
    return UUID(int=uuid7().int)
