"""Imports of case files and the rows that could not be taken."""

import zlib
from base64 import b64decode, b64encode
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Digest, Instant, Json, Tenant

RUNNING = text("running")
FAST = 1  # a fifth of the size already


def _packed(content: bytes) -> str:
    return b64encode(zlib.compress(content, FAST)).decode()


def _unpacked(text: str) -> bytes:
    return zlib.decompress(b64decode(text))


class Import(Tenant, Base):
    """One file, its counts and who brought it.

    The counts say what is stored at any moment. One that neither runs nor has a
    ``finished_at`` broke off: its file may be taken again. ``rows`` is None until the
    file is here as a whole; up to ``last_line`` it has been taken. Who works on it
    holds it until ``leased_until``.
    """

    __tablename__ = "imports"
    __table_args__ = (
        Index(
            "uq_imports_running",
            "organisation_id",
            unique=True,
            sqlite_where=RUNNING,
            postgresql_where=RUNNING,
        ),
        CheckConstraint("NOT (running AND finished_at IS NOT NULL)", name="finished"),
    )

    file_digest: Mapped[Digest]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    running: Mapped[bool] = mapped_column(default=True)
    moved_at: Mapped[Instant]
    finished_at: Mapped[Instant | None]
    dry_run: Mapped[bool] = mapped_column(default=False, server_default=false())
    rows: Mapped[int | None]
    rows_read: Mapped[int] = mapped_column(default=0, server_default="0")
    last_line: Mapped[int] = mapped_column(default=0, server_default="0")
    format: Mapped[Json | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_by: Mapped[UUID | None]
    leased_until: Mapped[Instant | None]


class ImportChunk(Tenant, Base):
    """A piece of a file that waits to be taken; gone when it was."""

    __tablename__ = "import_chunks"
    __table_args__ = (UniqueConstraint("import_id", "number"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    number: Mapped[int]
    content_sealed: Mapped[sealed.Envelope] = mapped_column("content", sealed.Sealed)

    content = sealed.Personal("content_sealed", _unpacked, _packed)


class ImportProblem(Tenant, Base):
    """One refused cell: line (1 is the header), column, reason. Never the value."""

    __tablename__ = "import_problems"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), index=True)
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300))
