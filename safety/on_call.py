"""Who is on call now: the rota's answer, and where it has none, more people."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import staff
from core.instants import Interval
from core.words import Role, UserState
from models import Rota, User
from safety import rotas, turns

INSTANT = timedelta(microseconds=1)


def now_of(session: Session, organisation_id: UUID, *, now: datetime) -> list[User]:
    """Whom the standing rota names; without one the officers on duty, else all."""
    rota = rotas.standing(session, organisation_id)
    if rota is None:
        return staff.on_call(session, organisation_id)
    return by(session, rota, now=now)


def by(session: Session, rota: Rota, *, now: datetime) -> list[User]:
    """The first whom the rota names and who can answer, else all safety officers.

    Somebody who is suspended or has no phone is passed over for the next layer. A rota
    that cannot be reckoned, as this host does not know its zone, names nobody.
    """
    named = _named(session, rota, now)
    can = able(session, rota.organisation_id, named)
    first = [can[user_id] for user_id in named if user_id in can][:1]
    return first or staff.officers(session, rota.organisation_id)


def _named(session: Session, rota: Rota, now: datetime) -> tuple[UUID, ...]:
    try:
        moment = rotas.as_turns(session, rota, Interval(now, now + INSTANT))
        return turns.at(moment, now)
    except (ValueError, OverflowError):
        return ()


def able(
    session: Session, organisation_id: UUID, user_ids: Iterable[UUID]
) -> dict[UUID, User]:
    """Those of them who can be on call: active officers whose phone can be read."""
    query = select(User).where(
        User.organisation_id == organisation_id,
        User.id.in_(list(user_ids)),
        User.role == Role.SAFETY_OFFICER,
        User.state == UserState.ACTIVE,
        User.phone_sealed.is_not(None),
    )
    found = session.scalars(query)
    return {user.id: user for user in found if User.phone.readable(user)}
