"""Imports of case files and the rows that could not be taken."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Instant, Tenant

RUNNING = text("running")


class Import(Tenant, Base):
    """One file, its counts and who brought it.

    The counts say what is stored at any moment. One that neither runs nor has a
    ``finished_at`` broke off: its file may be taken again.
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


class ImportProblem(Tenant, Base):
    """One refused cell: line (1 is the header), column, reason. Never the value."""

    __tablename__ = "import_problems"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), index=True)
    line: Mapped[int]
    column: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300))
