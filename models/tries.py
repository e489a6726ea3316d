"""Counters of tries at secrets, and the addresses from which users have logged in."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Identified, Instant, Tenant


class Try(Identified, Base):
    """How often something was tried in vain; ``key_digest`` says what and from where.

    It belongs to nobody: whether a login exists must not be seen here either.
    """

    __tablename__ = "tries"
    __table_args__ = (CheckConstraint("failures >= 0", name="counted"),)

    key_digest: Mapped[Digest] = mapped_column(unique=True)
    failures: Mapped[int]
    free_at: Mapped[Instant]
    last_at: Mapped[Instant] = mapped_column(index=True)


class KnownSource(Tenant, Base):
    """An address from which a user has logged in, as a keyed digest."""

    __tablename__ = "known_sources"
    __table_args__ = (UniqueConstraint("user_id", "source_digest"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    source_digest: Mapped[Digest]
    last_at: Mapped[Instant] = mapped_column(index=True)
