"""The contact ledger: one row for each visit, call or message, with its decision."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import NotFound
from core.words import Channel, ContactKind, Outcome
from gate.answers import Decision
from models import Borrower, Case, Contact, claims

# Outcomes in which somebody was reached; a cap on contacts counts these.
REACHED = frozenset({Outcome.BORROWER_MET, Outcome.OTHER_PERSON, Outcome.REFUSED})


def record(
    session: Session,
    *,
    case: Case,
    channel: Channel,
    kind: ContactKind,
    at: datetime,
    decision: Decision | Mapping[str, object],
    source: str,
    visit_id: UUID | None = None,
    message_id: UUID | None = None,
    user_id: UUID | None = None,
) -> Contact:
    """Enter a contact of ``case`` at ``at``; ``source`` is the act that made it."""
    borrower = session.get_one(Borrower, case.borrower_id)
    as_json = decision.as_json() if isinstance(decision, Decision) else dict(decision)
    contact = Contact(
        organisation_id=case.organisation_id,
        case_id=case.id,
        creditor_id=case.creditor_id,
        debt_ref_digest=case.debt_ref_digest,
        debtor_ref_digest=borrower.debtor_ref_digest,
        channel=channel,
        kind=kind,
        at=at,
        visit_id=visit_id,
        message_id=message_id,
        user_id=user_id,
        decision=as_json,
        source=source,
    )
    session.add(contact)
    session.flush()
    return contact


def conclude(
    session: Session,
    *,
    organisation_id: UUID,
    visit_id: UUID,
    user_id: UUID,
    outcome: Outcome,
) -> bool:
    """Write the outcome into the visitor's row of this stay; False where there is none.

    Somebody reached makes it a contact, everything else leaves it an attempt. What an
    earlier stay at the same door came to is not touched.
    """
    kind = ContactKind.CONTACT if outcome in REACHED else ContactKind.ATTEMPT
    newest = (
        select(Contact.id)
        .where(
            Contact.organisation_id == organisation_id,
            Contact.visit_id == visit_id,
            Contact.user_id == user_id,
            Contact.channel == Channel.VISIT,
            Contact.outcome.is_(None),
        )
        .order_by(Contact.at.desc())
        .limit(1)
    )
    claim = (
        update(Contact)
        .where(Contact.id == newest.scalar_subquery())
        .values(outcome=outcome, kind=kind)
    )
    return claims.changed(session, claim) > 0


def page(
    session: Session, actor: Actor, *, case_id: UUID, after: UUID | None, limit: int
) -> list[Contact]:
    """Up to ``limit`` contacts of a case that follow ``after``, newest last."""
    case = session.get(Case, case_id)
    if case is None or case.organisation_id != actor.organisation_id:
        raise NotFound("case")
    query = select(Contact).where(
        Contact.organisation_id == actor.organisation_id, Contact.case_id == case_id
    )
    if after is not None:
        query = query.where(Contact.id > after)
    return list(session.scalars(query.order_by(Contact.id).limit(limit)))
