"""Visit codes and the borrowers' checks by them."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.words import CheckAnswer
from models.base import Base, Digest, Identified, Instant, Tenant, Word, one_of


class VisitCode(Tenant, Base):
    """The secret on the notice, as a keyed digest; one live code for each visit."""

    __tablename__ = "visit_codes"
    __table_args__ = (CheckConstraint("valid_to > valid_from", name="validity"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visits.id"), index=True)
    code_digest: Mapped[Digest] = mapped_column(unique=True)
    doorstep_word: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[Instant]
    valid_to: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))


class Verification(Identified, Base):
    """One check at the door. ``source_digest`` is keyed: no address is stored.

    An unknown code belongs to nobody, so its organisation is empty.
    """

    __tablename__ = "verifications"
    __table_args__ = (
        one_of("answer", CheckAnswer),
        Index(None, "source_digest", "at"),
    )

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visits.id"))
    source_digest: Mapped[Digest]
    answer: Mapped[CheckAnswer] = mapped_column(Word(CheckAnswer))
    at: Mapped[Instant]
