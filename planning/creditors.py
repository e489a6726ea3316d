"""Creditors: they come into being with the first case that names them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from models import Creditor


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Creditor]:
    """At most ``limit`` creditors after that id, oldest first."""
    query = select(Creditor).where(Creditor.organisation_id == actor.organisation_id)
    if after is not None:
        query = query.where(Creditor.id > after)
    return session.scalars(query.order_by(Creditor.id).limit(limit)).all()
