"""Invitations, codes that reset a secret, and the PINs of watches that had begun."""

from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.words import ResetKind, Role
from models import sealed
from models.base import Base, Digest, Instant, Tenant, Word, one_of


class Invitation(Tenant, Base):
    """Somebody who shall become a user; once he is, or will not be, his data is gone.

    ``code_digest`` is keyed: the code itself stands in the message alone.
    """

    __tablename__ = "invitations"
    __table_args__ = (one_of("role", Role),)

    login_digest: Mapped[Digest]
    login_sealed: Mapped[sealed.Envelope | None] = mapped_column("login", sealed.Sealed)
    name_sealed: Mapped[sealed.Envelope | None] = mapped_column("name", sealed.Sealed)
    phone_sealed: Mapped[sealed.Envelope | None] = mapped_column("phone", sealed.Sealed)
    role: Mapped[Role] = mapped_column(Word(Role))
    code_digest: Mapped[Digest] = mapped_column(unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]
    valid_to: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    login = sealed.text("login_sealed")
    name = sealed.text("name_sealed")
    phone = sealed.text("phone_sealed")


class ResetCode(Tenant, Base):
    """A code that was sent to a user's phone and lets him set one secret anew, once."""

    __tablename__ = "reset_codes"
    __table_args__ = (one_of("kind", ResetKind),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[ResetKind] = mapped_column(Word(ResetKind))
    code_digest: Mapped[Digest] = mapped_column(unique=True)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[Instant]
    valid_to: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class FormerPin(Tenant, Base):
    """The PINs before a change: a watch that had begun then ends by them alone."""

    __tablename__ = "former_pins"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    pin_hash: Mapped[str] = mapped_column(String(200))
    duress_pin_hash: Mapped[str | None] = mapped_column(String(200))
    until: Mapped[Instant]
