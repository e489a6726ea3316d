"""What our own people drive: for whoever looks for them."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models import sealed
from models.base import Base, Instant, Tenant


class Vehicle(Tenant, Base):
    """Append-only: from then on he drives this, or (without words) nothing."""

    __tablename__ = "vehicles"
    __table_args__ = (Index(None, "user_id", "id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    words_sealed: Mapped[sealed.Envelope | None] = mapped_column("words", sealed.Sealed)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[Instant]

    words = sealed.text("words_sealed")
