"""Cases as dispatchers and the contact desk see them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core.actor import Actor
from core.errors import NotFound
from models import Case


def get(session: Session, actor: Actor, case_id: UUID) -> Case:
    """One case with creditor, borrower and places loaded; ``NotFound`` otherwise."""
    query = (
        select(Case)
        .where(Case.id == case_id, Case.organisation_id == actor.organisation_id)
        .options(
            joinedload(Case.creditor),
            joinedload(Case.borrower),
            selectinload(Case.places),
        )
        .execution_options(populate_existing=True)
    )
    case = session.scalar(query)
    if case is None:
        raise NotFound("case")
    return case


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    external_id: str | None = None,
) -> Sequence[Case]:
    """At most ``limit`` cases after that id, oldest first, without their people.

    With ``external_id`` only the case that has this id in the case file.
    """
    query = select(Case).where(Case.organisation_id == actor.organisation_id)
    if external_id is not None:
        query = query.where(Case.external_id == external_id)
    if after is not None:
        query = query.where(Case.id > after)
    return session.scalars(query.order_by(Case.id).limit(limit)).all()
