"""Export: everything that we hold about one borrower, as one document.

Our own people appear as their role and as the number on their badge, never as a person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import access, audit
from accounts.access import Action
from core.actor import Actor
from core.errors import NotFound
from core.words import Role
from models import (
    Badge,
    Borrower,
    Creditor,
    Organisation,
    User,
    Visitor,
    references,
)
from safety import borrower_rows
from safety.borrower_rows import Person
from safety.borrower_sheets import SHEETS, Sheet, role_of

FORMAT = "vouchsafe.borrower/1"


def find(
    session: Session, organisation_id: UUID, *, creditor_code: str, debtor_ref: str
) -> UUID:
    """By the creditor's own reference, of an erased one too; ``NotFound`` otherwise."""
    digest = references.debtor(creditor_code, debtor_ref)
    query = select(Borrower.id).where(
        Borrower.organisation_id == organisation_id,
        Borrower.debtor_ref_digest == digest,
    )
    found = session.scalar(query)
    if found is None:
        raise NotFound("borrower")
    return found


def get(session: Session, actor: Actor, borrower_id: UUID) -> Borrower:
    """One borrower of the actor's organisation; ``NotFound`` otherwise."""
    query = select(Borrower).where(
        Borrower.id == borrower_id, Borrower.organisation_id == actor.organisation_id
    )
    borrower = session.scalar(query)
    if borrower is None:
        raise NotFound("borrower")
    return borrower


def export(
    session: Session, actor: Actor, borrower_id: UUID, *, now: datetime
) -> Mapping[str, object]:
    """The document; what the actor's role may not read is named in ``withheld``.

    Only a copy in which nothing is withheld is the person's own copy. The audit says
    that it was made, and for whom.
    """
    borrower = get(session, actor, borrower_id)
    person = Person(actor.organisation_id, borrower.id)
    all_of_it = actor.role in access.ALLOWED[Action.READ_HOLD_WORDS]
    roles = _roles(session, actor.organisation_id)
    found = {
        sheet.name: _rows(session, sheet, person, roles, all_of_it=all_of_it)
        for sheet in SHEETS
    }
    withheld = [
        f"{sheet.name}.{name}"
        for sheet in SHEETS
        for name in sheet.few
        if not all_of_it and found[sheet.name]
    ]
    _number(session, person, found["visitors"])
    _record(session, actor, borrower, found, now, complete=not withheld)
    return {
        "format": FORMAT,
        "made_at": now,
        "organisation": session.get_one(Organisation, actor.organisation_id),
        "creditor": session.get_one(Creditor, borrower.creditor_id),
        "withheld": withheld,
        **found,
        "borrower": found["borrower"][0],
    }


def _rows(
    session: Session,
    sheet: Sheet,
    person: Person,
    roles: Mapping[UUID, Role],
    *,
    all_of_it: bool,
) -> list[dict[str, object]]:
    query = (
        select(sheet.model)
        .where(borrower_rows.of(sheet.model, person), sheet.only())
        .order_by(sheet.model.id)
    )
    hidden = () if all_of_it else sheet.few
    return [
        {
            **{
                name: None if name in hidden else getattr(row, name)
                for name in sheet.shows
            },
            **{role_of(name): roles.get(getattr(row, name)) for name in sheet.staff},
        }
        for row in session.scalars(query)
    ]


def _roles(session: Session, organisation_id: UUID) -> Mapping[UUID, Role]:
    query = select(User.id, User.role).where(User.organisation_id == organisation_id)
    return {one.id: one.role for one in session.execute(query)}


def _number(
    session: Session, person: Person, visitors: Sequence[dict[str, object]]
) -> None:
    """What the borrower may read on the badge that came to his door."""
    query = (
        select(Visitor.id, Badge.number)
        .join(Badge, Badge.id == Visitor.badge_id)
        .where(borrower_rows.of(Visitor, person))
    )
    numbers = {one.id: one.number for one in session.execute(query)}
    for row in visitors:
        row["badge_number"] = numbers[row["id"]]


def _record(
    session: Session,
    actor: Actor,
    borrower: Borrower,
    found: Mapping[str, Sequence[object]],
    now: datetime,
    *,
    complete: bool,
) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="borrower.exported",
        subject="borrowers",
        subject_id=borrower.id,
        now=now,
        rows=sum(map(len, found.values())),
        complete=complete,
    )
