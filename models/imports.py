"""Imports of case files and the rows that could not be taken."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Instant, Tenant


class Import(Tenant, Base):
    """One file, its counts and who brought it."""

    __tablename__ = "imports"

    file_digest: Mapped[Digest]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)


class ImportProblem(Tenant, Base):
    """One refused cell: line (1 is the header), column, reason. Never the value."""

    __tablename__ = "import_problems"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), index=True)
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300))
