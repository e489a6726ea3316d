"""Badges and the append-only record of what was decided about them."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.words import BadgeState
from models import sealed
from models.base import Base, Instant, Tenant, Word, one_of

FILE = "file"


@dataclass(frozen=True)
class Filed:
    """A photo outside the database: the name of its file, and the key that opens it."""

    name: UUID
    key: bytes = field(repr=False)


Kept = bytes | Filed  # the picture itself, or where it is


def _as_text(kept: Kept) -> str:
    if isinstance(kept, Filed):
        return f"{FILE} {kept.name} {b64encode(kept.key).decode()}"
    return b64encode(kept).decode()


def _from_text(text: str) -> Kept:
    kind, _, rest = text.partition(" ")
    if kind != FILE:
        return b64decode(text)
    name, _, key = rest.partition(" ")
    return Filed(UUID(name), b64decode(key))


class Badge(Tenant, Base):
    """A collector's credential; ``public_name`` is what the borrower reads.

    ``photo_id`` is another one whenever the photo is, so that the badge's version is.
    """

    __tablename__ = "badges"
    __table_args__ = (
        one_of("state", BadgeState),
        UniqueConstraint("organisation_id", "number"),
        CheckConstraint("valid_to > valid_from", name="validity"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    number: Mapped[str] = mapped_column(String(32))
    public_name_sealed: Mapped[sealed.Envelope] = mapped_column(
        "public_name", sealed.Sealed
    )
    licence: Mapped[str] = mapped_column(String(64))
    valid_from: Mapped[Instant]
    valid_to: Mapped[Instant]
    state: Mapped[BadgeState] = mapped_column(
        Word(BadgeState), default=BadgeState.ACTIVE
    )
    created_at: Mapped[Instant]
    photo_id: Mapped[UUID | None]

    public_name = sealed.text("public_name_sealed")


class BadgePhoto(Tenant, Base):
    """What the borrower compares a face with: a JPEG, made anew from what was sent.

    ``image`` is the picture, or names the file in the folder of photos that holds it.
    """

    __tablename__ = "badge_photos"
    __table_args__ = (UniqueConstraint("badge_id"),)

    badge_id: Mapped[UUID] = mapped_column(ForeignKey("badges.id"))
    image_sealed: Mapped[sealed.Envelope] = mapped_column("image", sealed.Sealed)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[Instant]

    image = sealed.Personal("image_sealed", _from_text, _as_text)


class BadgeTransition(Tenant, Base):
    """Append-only: issued, suspended, reinstated, revoked; by whom and why."""

    __tablename__ = "badge_transitions"

    badge_id: Mapped[UUID] = mapped_column(ForeignKey("badges.id"), index=True)
    old: Mapped[BadgeState | None] = mapped_column(Word(BadgeState))
    new: Mapped[BadgeState] = mapped_column(Word(BadgeState))
    reason_sealed: Mapped[sealed.Envelope] = mapped_column("reason", sealed.Sealed)
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    at: Mapped[Instant]

    reason = sealed.text("reason_sealed")
