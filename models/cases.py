"""Cases, borrowers, places, and what borrowers wished for or agreed to."""

import json
from functools import partial
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.case_words import AbilityToPay, ChangeOf, Employment, WillingnessToPay
from core.geo import Position
from core.words import ConsentKind, Language, PlaceKind
from models import sealed
from models.base import Base, Digest, Instant, JsonList, Tenant, Word, one_of

# what is erased says nothing of a person any more; nobody else is without a name
ERASED = (
    "(erased_at IS NULL AND name IS NOT NULL AND debtor_ref IS NOT NULL) OR "
    "(erased_at IS NOT NULL AND phone_digest IS NULL AND coalesce(name, debtor_ref, "
    "phone, employment, household_size, ability_to_pay, willingness_to_pay) IS NULL)"
)


class Borrower(Tenant, Base):
    """A person who owes; ``debtor_ref_digest`` finds him across agencies.

    Of one who was erased only that digest stays, so that no file brings him back.
    """

    __tablename__ = "borrowers"
    __table_args__ = (
        CheckConstraint(ERASED, name="erased"),
        one_of("language", Language),
        Index(None, "organisation_id", "phone_digest"),
        UniqueConstraint("organisation_id", "creditor_id", "debtor_ref_digest"),
    )

    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditors.id"))
    debtor_ref_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "debtor_ref", sealed.Sealed
    )
    debtor_ref_digest: Mapped[Digest] = mapped_column(index=True)
    name_sealed: Mapped[sealed.Envelope | None] = mapped_column("name", sealed.Sealed)
    phone_sealed: Mapped[sealed.Envelope | None] = mapped_column("phone", sealed.Sealed)
    phone_digest: Mapped[Digest | None]
    language: Mapped[Language] = mapped_column(Word(Language))

    employment_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "employment", sealed.Sealed
    )
    household_size_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "household_size", sealed.Sealed
    )
    ability_to_pay_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "ability_to_pay", sealed.Sealed
    )
    willingness_to_pay_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "willingness_to_pay", sealed.Sealed
    )
    erased_at: Mapped[Instant | None]

    debtor_ref = sealed.text("debtor_ref_sealed")
    name = sealed.text("name_sealed")
    phone = sealed.text("phone_sealed")
    employment = sealed.Personal("employment_sealed", Employment)
    household_size = sealed.Personal("household_size_sealed", int)
    ability_to_pay = sealed.Personal("ability_to_pay_sealed", AbilityToPay)
    willingness_to_pay = sealed.Personal("willingness_to_pay_sealed", WillingnessToPay)


class Case(Tenant, Base):
    """One debt of one borrower at one or more places; closed, nobody is contacted.

    ``amount_minor`` is what the file says, ``paid_minor`` what came in since.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("organisation_id", "external_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("days_past_due >= 0", name="days"),
    )

    external_id: Mapped[str] = mapped_column(String(64))
    creditor_id: Mapped[UUID] = mapped_column(ForeignKey("creditors.id"), index=True)
    borrower_id: Mapped[UUID] = mapped_column(ForeignKey("borrowers.id"), index=True)
    debt_ref_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "debt_ref", sealed.Sealed
    )
    debt_ref_digest: Mapped[Digest] = mapped_column(index=True)
    days_past_due: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    row_digest: Mapped[Digest]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    closed_at: Mapped[Instant | None]

    creditor: Mapped["Creditor"] = relationship(lazy="raise")  # type: ignore[name-defined]  # noqa: F821
    borrower: Mapped[Borrower] = relationship(lazy="raise")
    places: Mapped[list["Place"]] = relationship(lazy="raise", order_by="Place.id")

    debt_ref = sealed.text("debt_ref_sealed")

    @property
    def open_minor(self) -> int:
        """What is still owed; nothing of a closed case."""
        return 0 if self.closed_at else self.amount_minor - self.paid_minor


class Place(Tenant, Base):
    """Where a borrower may be visited. Without zone or pack it cannot be scheduled."""

    __tablename__ = "places"
    __table_args__ = (
        one_of("kind", PlaceKind),
        UniqueConstraint("case_id", "external_id"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    external_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[PlaceKind] = mapped_column(Word(PlaceKind))
    is_public: Mapped[bool] = mapped_column(default=False)
    address_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "address", sealed.Sealed
    )
    position_sealed: Mapped[sealed.Envelope | None] = mapped_column(
        "position", sealed.Sealed
    )
    datum: Mapped[str] = mapped_column(String(10))
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(6))
    time_zone: Mapped[str | None] = mapped_column(String(40))
    unschedulable: Mapped[JsonList]
    row_digest: Mapped[Digest | None]

    address = sealed.text("address_sealed")
    position = sealed.Personal("position_sealed", Position.parse)


class CaseChange(Tenant, Base):
    """Append-only: which columns an import changed, and what they said before.

    Each names the borrower whose it was until then: what it says of him goes with him,
    also where the case is another's by now. What is said of himself holds for all of
    his cases. Rows of earlier versions may name nobody.
    """

    __tablename__ = "case_changes"
    __table_args__ = (one_of("subject", ChangeOf),)

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    borrower_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("borrowers.id"), index=True
    )
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"))
    subject: Mapped[ChangeOf] = mapped_column(Word(ChangeOf))
    columns: Mapped[JsonList]
    old_sealed: Mapped[sealed.Envelope | None] = mapped_column("old", sealed.Sealed)
    changed_at: Mapped[Instant]

    old: sealed.Personal[dict[str, object]] = sealed.Personal(
        "old_sealed", json.loads, partial(json.dumps, ensure_ascii=False)
    )


class Wish(Tenant, Base):
    """Weekly local hours: ``only`` within them, or ``avoid`` them; minutes from Monday.

    ``spans`` is a list of [first minute, end minute) pairs, 0 to 10080.
    """

    __tablename__ = "wishes"
    __table_args__ = (CheckConstraint("kind IN ('only', 'avoid')", name="kind_word"),)

    borrower_id: Mapped[UUID] = mapped_column(ForeignKey("borrowers.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    spans: Mapped[JsonList]
    recorded_at: Mapped[Instant]


class Consent(Tenant, Base):
    """What the borrower agreed to, with the evidence for it."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("kind", ConsentKind),
        CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="span"),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    place_id: Mapped[UUID | None] = mapped_column(ForeignKey("places.id"))
    kind: Mapped[ConsentKind] = mapped_column(Word(ConsentKind))
    evidence_sealed: Mapped[sealed.Envelope] = mapped_column("evidence", sealed.Sealed)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[Instant]

    evidence = sealed.text("evidence_sealed")
