"""Holds: a borrower who is ill or in mourning is left alone, and few know why."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import HoldKind
from gate import erased
from gate.evidence import MOMENT
from models import BorrowerHold, Case, claims


def place(
    session: Session,
    actor: Actor,
    *,
    case_id: UUID,
    kind: HoldKind,
    words: str | None,
    starts_at: datetime,
    ends_at: datetime | None,
    now: datetime,
) -> BorrowerHold:
    """The borrower of that case is not contacted from then on, by none of his cases.

    Without ``ends_at`` until somebody ends it. ``NotFound`` for another's case,
    ``Invalid`` for a time that is over or ends before it begins, ``Conflict`` where the
    borrower was erased.
    """
    if ends_at is not None and ends_at <= max(starts_at, now):
        raise one_field("ends_at", "must be after starts_at, and not be past")
    case = _case(session, actor, case_id, lock=True)
    erased.refuse(session, case)
    hold = BorrowerHold(
        organisation_id=actor.organisation_id,
        borrower_id=case.borrower_id,
        case_id=case.id,
        kind=kind.value,
        words=words,
        starts_at=starts_at,
        ends_at=ends_at,
        recorded_by=actor.user_id,
        recorded_at=now,
    )
    session.add(hold)
    session.flush()
    _audit(session, actor, "hold.placed", hold, now)
    return hold


def end(
    session: Session, actor: Actor, hold_id: UUID, *, now: datetime
) -> BorrowerHold:
    """From now on he may be contacted again; ``Conflict`` where it has ended."""
    hold = get(session, actor, hold_id)
    ends_at = max(now, hold.starts_at + MOMENT)
    claim = (
        update(BorrowerHold)
        .where(
            BorrowerHold.id == hold.id,
            BorrowerHold.organisation_id == actor.organisation_id,
            or_(BorrowerHold.ends_at.is_(None), BorrowerHold.ends_at > ends_at),
        )
        .values(ends_at=ends_at, ended_by=actor.user_id)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict("This hold has already ended.")
    _audit(session, actor, "hold.ended", hold, now)
    return hold


def get(session: Session, actor: Actor, hold_id: UUID) -> BorrowerHold:
    """One hold of the actor's organisation; ``NotFound`` otherwise."""
    query = select(BorrowerHold).where(
        BorrowerHold.id == hold_id,
        BorrowerHold.organisation_id == actor.organisation_id,
    )
    hold = session.scalar(query)
    if hold is None:
        raise NotFound("hold")
    return hold


def page(
    session: Session, actor: Actor, case_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[BorrowerHold]:
    """The holds of the case's borrower, oldest first; ``NotFound`` for another's."""
    case = _case(session, actor, case_id)
    query = _of_borrower(case.organisation_id, case.borrower_id)
    if after is not None:
        query = query.where(BorrowerHold.id > after)
    return session.scalars(query.order_by(BorrowerHold.id).limit(limit)).all()


def cases_of(session: Session, hold: BorrowerHold) -> Sequence[UUID]:
    """All cases of the borrower on hold."""
    query = select(Case.id).where(
        Case.organisation_id == hold.organisation_id,
        Case.borrower_id == hold.borrower_id,
    )
    return session.scalars(query.order_by(Case.id)).all()


def _of_borrower(organisation_id: UUID, borrower_id: UUID) -> Select[BorrowerHold]:
    return select(BorrowerHold).where(
        BorrowerHold.organisation_id == organisation_id,
        BorrowerHold.borrower_id == borrower_id,
    )


def _case(session: Session, actor: Actor, case_id: UUID, *, lock: bool = False) -> Case:
    """The case; with ``lock`` all of its borrower wait, and with them new visits."""
    query = select(Case).where(
        Case.id == case_id, Case.organisation_id == actor.organisation_id
    )
    case = session.scalar(query)
    if case is None:
        raise NotFound("case")
    if lock:
        mine = select(Case.id).where(
            Case.organisation_id == case.organisation_id,
            Case.borrower_id == case.borrower_id,
        )
        session.scalars(mine.order_by(Case.id).with_for_update(key_share=True)).all()
    return case


def _audit(
    session: Session, actor: Actor, action: str, hold: BorrowerHold, now: datetime
) -> None:
    """Neither the kind nor the words: the audit has more readers than they may have."""
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action=action,
        subject="borrower_holds",
        subject_id=hold.id,
        now=now,
        case_id=hold.case_id,
        starts_at=hold.starts_at,
        ends_at=hold.ends_at,
    )
