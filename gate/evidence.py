"""What opens the gate and can be shown: borrowers' consents, creditors' listings."""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import ConsentKind
from gate import erased
from models import Case, Consent, Creditor, CreditorListing, Place, claims

EVIDENCE_LENGTH = 500
MOMENT = timedelta(microseconds=1)

Ending = TypeVar("Ending", Consent, CreditorListing)


def give_consent(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    place_id: UUID | None,
    kind: ConsentKind,
    evidence: str,
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> Consent:
    """Record what the borrower agreed to: for one place, or (None) for the case.

    ``NotFound`` for a case or place that is not ours, ``Invalid`` for no evidence or a
    time that ends before it begins, ``Conflict`` where the borrower was erased.
    """
    _check(evidence, starts_at, ends_at)
    _own(session, actor, case_id=case_id, place_id=place_id)
    consent = Consent(
        organisation_id=actor.organisation_id,
        case_id=case_id,
        place_id=place_id,
        kind=kind,
        evidence=evidence,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(consent)
    session.flush()
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="consent.given",
        subject="consents",
        subject_id=consent.id,
        now=now,
        case_id=case_id,
        place_id=place_id,
        kind=kind.value,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return consent


def record_listing(
    session: Session,
    actor: Actor,
    *,
    creditor_id: UUID,
    starts_at: datetime,
    ends_at: datetime | None,
    evidence: str,
    now: datetime,
) -> CreditorListing:
    """Record from when to when we stand on the creditor's published list.

    ``evidence`` says where that can be read. Errors as for ``give_consent``.
    """
    _check(evidence, starts_at, ends_at)
    creditor = session.get(Creditor, creditor_id)
    if creditor is None or creditor.organisation_id != actor.organisation_id:
        raise NotFound("creditor")
    listing = CreditorListing(
        organisation_id=actor.organisation_id,
        creditor_id=creditor_id,
        starts_at=starts_at,
        ends_at=ends_at,
        evidence=evidence,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(listing)
    session.flush()
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="listing.recorded",
        subject="creditor_listings",
        subject_id=listing.id,
        now=now,
        creditor_id=creditor_id,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    return listing


def withdraw_consent(
    session: Session, actor: Actor, consent_id: UUID, *, now: datetime
) -> None:
    """The borrower takes it back, from now on; ``Conflict`` if it has ended before."""
    _end(session, actor, Consent, consent_id, noun="consent", now=now)
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="consent.withdrawn",
        subject="consents",
        subject_id=consent_id,
        now=now,
    )


def end_listing(
    session: Session, actor: Actor, listing_id: UUID, *, now: datetime
) -> None:
    """We stand on the list no longer; ``Conflict`` if that was known before."""
    _end(session, actor, CreditorListing, listing_id, noun="listing", now=now)
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="listing.ended",
        subject="creditor_listings",
        subject_id=listing_id,
        now=now,
    )


def _end(
    session: Session,
    actor: Actor,
    rows: type[Ending],
    row_id: UUID,
    *,
    noun: str,
    now: datetime,
) -> None:
    """End what has not ended; what was to begin later ends at once when it begins."""
    row = session.scalar(
        select(rows).where(
            rows.id == row_id, rows.organisation_id == actor.organisation_id
        )
    )
    if row is None:
        raise NotFound(noun)
    end = max(now, row.starts_at + MOMENT)
    claim = (
        update(rows)
        .where(
            rows.id == row_id,
            rows.organisation_id == actor.organisation_id,
            or_(rows.ends_at.is_(None), rows.ends_at > end),
        )
        .values(ends_at=end)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict(f"This {noun} has already ended.")


def _check(evidence: str, starts_at: datetime, ends_at: datetime | None) -> None:
    if not evidence.strip():
        raise one_field("evidence", "must say what proves it")
    if len(evidence) > EVIDENCE_LENGTH:
        raise one_field("evidence", f"must not exceed {EVIDENCE_LENGTH} characters")
    if ends_at is not None and ends_at <= starts_at:
        raise one_field("ends_at", "must be after starts_at")


def _own(
    session: Session, actor: Actor, *, case_id: UUID, place_id: UUID | None
) -> None:
    case = session.get(Case, case_id, with_for_update={"read": True})
    if case is None or case.organisation_id != actor.organisation_id:
        raise NotFound("case")
    erased.refuse(session, case)
    if place_id is None:
        return
    place = session.get(Place, place_id)
    if place is None or place.case_id != case_id:
        raise NotFound("place")
