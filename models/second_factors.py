"""Second factors: the secret that an authenticator shares, and codes for its loss."""

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Digest, Instant, Tenant


class SecondFactor(Tenant, Base):
    """A user's authenticator (RFC 6238); it counts from ``confirmed_at`` on.

    ``last_step`` is the newest time step that was accepted: none is accepted twice.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    secret_sealed: Mapped[sealed.Envelope] = mapped_column("secret", sealed.Sealed)
    last_step: Mapped[int | None]
    created_at: Mapped[Instant]
    confirmed_at: Mapped[Instant | None]

    secret = sealed.text("secret_sealed")


class RecoveryCode(Tenant, Base):
    """One code that stands in for a lost authenticator, once; a keyed digest."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    code_digest: Mapped[Digest] = mapped_column(unique=True)
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
