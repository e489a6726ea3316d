"""Named holds: what hangs on a case or an alert is kept until somebody lifts them."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from models import Alert, Case, NamedHold, Organisation, claims

NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")


def place(
    session: Session,
    actor: Actor,
    *,
    name: str,
    case_id: UUID | None,
    alert_id: UUID | None,
    now: datetime,
) -> NamedHold:
    """Nothing of that case, or of that alert, is purged or erased from now on.

    ``name`` is plain, like a file number: no word about a person. ``Invalid`` unless
    exactly one of the two is named, ``NotFound`` where it is not ours.
    """
    if not NAME.fullmatch(name):
        raise one_field("name", "must be 3 to 60 of a-z, 0-9 and hyphens")
    if (case_id is None) == (alert_id is None):
        raise one_field("case_id", "name either a case or an alert")
    subject = session.get(Case, case_id) if case_id else session.get(Alert, alert_id)
    if subject is None or subject.organisation_id != actor.organisation_id:
        raise NotFound("case" if case_id else "alert")
    lock(session, actor.organisation_id)
    hold = NamedHold(
        organisation_id=actor.organisation_id,
        name=name,
        case_id=case_id,
        alert_id=alert_id,
        placed_by=actor.user_id,
        placed_at=now,
    )
    session.add(hold)
    session.flush()
    _audit(session, actor, "named_hold.placed", hold, now)
    return hold


def lock(session: Session, organisation_id: UUID) -> Organisation:
    """Placing a hold and a batch of a purge wait for each other, here."""
    return session.get_one(
        Organisation, organisation_id, with_for_update={"key_share": True}
    )


def lift(
    session: Session, actor: Actor, named_hold_id: UUID, *, now: datetime
) -> NamedHold:
    """What it kept is purged with the next run; ``Conflict`` where it is lifted."""
    query = select(NamedHold).where(
        NamedHold.id == named_hold_id,
        NamedHold.organisation_id == actor.organisation_id,
    )
    hold = session.scalar(query)
    if hold is None:
        raise NotFound("named hold")
    claim = (
        update(NamedHold)
        .where(
            NamedHold.id == hold.id,
            NamedHold.organisation_id == actor.organisation_id,
            NamedHold.lifted_at.is_(None),
        )
        .values(lifted_at=now, lifted_by=actor.user_id)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict("This hold has been lifted already.")
    _audit(session, actor, "named_hold.lifted", hold, now)
    return hold


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[NamedHold]:
    """At most ``limit`` holds after that id, oldest first, lifted ones too."""
    query = select(NamedHold).where(NamedHold.organisation_id == actor.organisation_id)
    if after is not None:
        query = query.where(NamedHold.id > after)
    return session.scalars(query.order_by(NamedHold.id).limit(limit)).all()


def _audit(
    session: Session, actor: Actor, action: str, hold: NamedHold, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action=action,
        subject="named_holds",
        subject_id=hold.id,
        now=now,
        case_id=hold.case_id,
        alert_id=hold.alert_id,
    )
