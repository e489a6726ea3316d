"""Users, their devices and their log-in sessions."""

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from core.words import Platform, Role, UserState
from models import sealed
from models.base import Base, Digest, Instant, Tenant, Word, one_of


class User(Tenant, Base):
    """A person of an organisation, found at log-in by the digest of his login."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organisation_id", "login_digest"),
        one_of("role", Role),
        one_of("state", UserState),
    )

    login_digest: Mapped[Digest]
    login_sealed: Mapped[sealed.Envelope] = mapped_column("login", sealed.Sealed)
    name_sealed: Mapped[sealed.Envelope] = mapped_column("name", sealed.Sealed)
    phone_sealed: Mapped[sealed.Envelope | None] = mapped_column("phone", sealed.Sealed)
    role: Mapped[Role] = mapped_column(Word(Role))
    state: Mapped[UserState] = mapped_column(Word(UserState), default=UserState.ACTIVE)
    password_hash: Mapped[str] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    duress_pin_hash: Mapped[str | None] = mapped_column(String(200))
    on_duty_since: Mapped[Instant | None]
    created_at: Mapped[Instant]

    login = sealed.text("login_sealed")
    name = sealed.text("name_sealed")
    phone = sealed.text("phone_sealed")


class Device(Tenant, Base):
    """A phone or browser at which a user has logged in; its id is chosen by the app.

    ``revoked_at``: it was lost. The row stays revoked for ever; a log-in there is that
    of a new device, and this one's ``app_id`` becomes its own id.
    """

    __tablename__ = "devices"
    __table_args__ = (
        UniqueConstraint("user_id", "app_id"),
        one_of("platform", Platform),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    app_id: Mapped[UUID]
    created_at: Mapped[Instant]
    last_login_at: Mapped[Instant]
    platform: Mapped[Platform | None] = mapped_column(Word(Platform))
    app_version: Mapped[str | None] = mapped_column(String(40))
    push_token_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "push_token", sealed.Sealed
    )
    revoked_at: Mapped[Instant | None]

    push_token = sealed.text("push_token_sealed")


class LoginSession(Tenant, Base):
    """What an access or refresh token stands for; log-out and suspension revoke it.

    It is also the family of its refresh tokens. No token is stored: ``generation``
    counts the refreshes, and from it and ``minted_at`` (the host's clock, as the tokens
    show it) the newest pair can be signed again. ``renewed_at`` is the last refresh.
    """

    __tablename__ = "login_sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    device_id: Mapped[UUID] = mapped_column(ForeignKey("devices.id"))
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]
    # good for nothing but setting up a second factor
    enrol_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    generation: Mapped[int] = mapped_column(default=0, server_default="0")
    minted_at: Mapped[Instant | None]
    renewed_at: Mapped[Instant | None]
