"""Payments: money that a lender received lowers its case, and in the end closes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from gate import erased
from models import Case, Creditor, Payment, references
from planning import cases
from planning.visits import REASON

CLOCKS_APART = timedelta(minutes=5)  # the lender's and ours


@dataclass(frozen=True, slots=True)
class Report:
    """What a lender says of one payment; ``reference`` is the creditor's own.

    ``settles``: nothing more is asked for, whatever was still open.
    """

    case_id: UUID
    reference: str
    amount_minor: int
    currency: str
    paid_at: datetime
    settles: bool


def record(
    session: Session, actor: Actor, report: Report, *, now: datetime
) -> tuple[Payment, bool]:
    """The payment, and whether the case has just been closed by it.

    The same report again is answered with the same payment and changes nothing;
    ``Conflict`` where the reference was used for another one. What is paid beyond the
    open amount is kept as ``overpaid_minor``: the money was taken, so nobody is visited
    for it. ``Invalid`` for another currency or an instant that has not come.
    """
    case = _locked(session, actor, report.case_id)
    digest = _digest(session, case, report.reference)
    if known := _known(session, case, digest):
        return _same(known, report), False
    _check(case, report, now)
    payment = _new(actor, case, report, digest, now)
    session.add(payment)
    case.paid_minor = case.amount_minor - payment.open_after_minor
    case.updated_at = now
    if payment.closes:
        case.closed_at = now
    session.flush()
    _audit(session, actor, payment, now)
    return payment, payment.closes


def page(
    session: Session, actor: Actor, case_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Payment]:
    """Payments of one case, oldest first; ``NotFound`` for another's case."""
    case = cases.get(session, actor, case_id)
    query = select(Payment).where(
        Payment.organisation_id == case.organisation_id, Payment.case_id == case.id
    )
    if after is not None:
        query = query.where(Payment.id > after)
    return session.scalars(query.order_by(Payment.id).limit(limit)).all()


def reopen(
    session: Session,
    actor: Actor,
    case_id: UUID,
    *,
    open_minor: int,
    reason: str,
    now: datetime,
) -> Case:
    """A person says that a closed case is owed again, as after a returned payment.

    Nothing else reopens one, no later file either. ``reason`` is one short word like
    ``payment_returned``: the record keeps it in plain. ``Conflict`` for an open case.
    """
    if not REASON.fullmatch(reason):
        raise one_field("reason", "must be 3 to 40 lower-case letters and underscores")
    case = _locked(session, actor, case_id)
    if case.closed_at is None:
        raise Conflict("This case is open.")
    if open_minor > case.amount_minor:
        raise one_field("open_minor", "must not exceed the amount of the case")
    case.closed_at, case.paid_minor = None, case.amount_minor - open_minor
    case.updated_at = now
    audit.record(
        session,
        organisation_id=case.organisation_id,
        actor_id=actor.user_id,
        action="case.reopened",
        subject="cases",
        subject_id=case.id,
        now=now,
        reason=reason,
    )
    session.flush()
    return case


def _locked(session: Session, actor: Actor, case_id: UUID) -> Case:
    """The case's row, held: two payments of one case come one after the other.

    ``Conflict`` where its borrower was erased.
    """
    query = (
        select(Case)
        .where(Case.id == case_id, Case.organisation_id == actor.organisation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    case = session.scalar(query)
    if case is None:
        raise NotFound("case")
    erased.refuse(session, case)
    return case


def _digest(session: Session, case: Case, reference: str) -> str:
    creditor = session.get_one(Creditor, case.creditor_id)
    return references.payment(creditor.code, reference)


def _known(session: Session, case: Case, digest: str) -> Payment | None:
    query = select(Payment).where(
        Payment.organisation_id == case.organisation_id,
        Payment.creditor_id == case.creditor_id,
        Payment.reference_digest == digest,
    )
    return session.scalar(query)


def _same(known: Payment, report: Report) -> Payment:
    told = (
        *(known.case_id, known.amount_minor, known.currency),
        *(known.paid_at, known.settles),
    )
    again = (
        *(report.case_id, report.amount_minor, report.currency),
        *(report.paid_at, report.settles),
    )
    if told != again:
        raise Conflict(
            "This reference stands for another payment of this creditor: send that one "
            "unchanged, or give the new one a reference of its own.",
            payment_id=str(known.id),
        )
    return known


def _check(case: Case, report: Report, now: datetime) -> None:
    if report.currency != case.currency:
        raise one_field("currency", f"must be {case.currency}, the case's own")
    if report.paid_at > now + CLOCKS_APART:
        raise one_field("paid_at", "must not be in the future")


def _new(
    actor: Actor, case: Case, report: Report, digest: str, now: datetime
) -> Payment:
    before = case.open_minor
    left = 0 if report.settles else max(0, before - report.amount_minor)
    return Payment(
        organisation_id=case.organisation_id,
        creditor_id=case.creditor_id,
        case_id=case.id,
        reference=report.reference,
        reference_digest=digest,
        amount_minor=report.amount_minor,
        currency=report.currency,
        paid_at=report.paid_at,
        settles=report.settles,
        open_after_minor=left,
        overpaid_minor=max(0, report.amount_minor - before),
        closes=case.closed_at is None and left == 0,
        recorded_by=actor.user_id,
        recorded_at=now,
    )


def _audit(session: Session, actor: Actor, payment: Payment, now: datetime) -> None:
    audit.record(
        session,
        organisation_id=payment.organisation_id,
        actor_id=actor.user_id,
        action="payment.recorded",
        subject="payments",
        subject_id=payment.id,
        now=now,
        case_id=payment.case_id,
        closes=payment.closes,
    )
