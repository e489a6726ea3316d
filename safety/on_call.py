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


def of(
    session: Session, organisation_id: UUID, rota_id: UUID | None, *, now: datetime
) -> list[User]:
    """Whom a rota names now; ``None``: the standing one, else the officers on duty.

    A rota that is gone leaves all safety officers.
    """
    if rota_id is None:
        return _standing(session, organisation_id, now=now)
    rota = session.get(Rota, rota_id)
    if rota is None or rota.organisation_id != organisation_id:
        return staff.officers(session, organisation_id)
    return by(session, rota, now=now)


def _standing(session: Session, organisation_id: UUID, *, now: datetime) -> list[User]:
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
