"""Refreshes: each gives the next pair of tokens, and a replay ends the whole family.

A family is one log-in session. No token is stored and no digest of one: the session
counts its generations, a refresh token names its own, and both are signed. So the
newest pair can be signed again, byte for byte, from what the row says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import Unauthenticated
from models import Device, LoginSession, claims

AGAIN = timedelta(seconds=60)  # a lost answer is asked for again within it
ENDED = "This log-in has ended: log in again."


@dataclass(frozen=True, slots=True)
class Generation:
    """Which pair of a family; ``minted_at`` is what its tokens show as issued at."""

    login_session_id: UUID
    number: int
    minted_at: datetime


def renew(
    session: Session,
    actor: Actor,
    login_session_id: UUID,
    *,
    number: int,
    app_id: UUID,
    minted_at: datetime,
    now: datetime,
) -> Generation | None:
    """The pair that follows generation ``number``; ``None``: the family has ended now.

    The same device (it knows the session's ``app_id``, which no token and no answer of
    ours names) gets the same pair again within ``AGAIN``. Any other use of a token that
    was used before is theft. ``Unauthenticated`` where there is nothing to remember: an
    unused token in other hands, or a session that has ended.
    """
    opened, device = _row(session, actor, login_session_id)
    at_home = device.app_id == app_id
    if at_home and _claim(session, opened, number, minted_at=minted_at, now=now):
        return Generation(opened.id, number + 1, minted_at)
    session.refresh(opened)
    if opened.revoked_at is not None or number >= opened.generation:
        raise Unauthenticated(ENDED)
    if at_home and _just_used(opened, number, now):
        assert opened.minted_at is not None
        return Generation(opened.id, opened.generation, opened.minted_at)
    if not _end(session, opened, number, at_home=at_home, now=now):
        raise Unauthenticated(ENDED)
    return None


def _row(
    session: Session, actor: Actor, login_session_id: UUID
) -> tuple[LoginSession, Device]:
    query = (
        select(LoginSession, Device)
        .join(Device, Device.id == LoginSession.device_id)
        .where(
            LoginSession.id == login_session_id,
            LoginSession.organisation_id == actor.organisation_id,
            LoginSession.user_id == actor.user_id,
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise Unauthenticated(ENDED)
    opened, device = found
    return opened, device


def _claim(
    session: Session,
    opened: LoginSession,
    number: int,
    *,
    minted_at: datetime,
    now: datetime,
) -> bool:
    """Of all who come with the newest token one moves the family on."""
    claim = (
        update(LoginSession)
        .where(
            LoginSession.id == opened.id,
            LoginSession.generation == number,
            LoginSession.revoked_at.is_(None),
        )
        .values(generation=number + 1, minted_at=minted_at, renewed_at=now)
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim) == 1


def _just_used(opened: LoginSession, number: int, now: datetime) -> bool:
    if opened.renewed_at is None or number != opened.generation - 1:
        return False
    return now - opened.renewed_at <= AGAIN


def _end(
    session: Session,
    opened: LoginSession,
    number: int,
    *,
    at_home: bool,
    now: datetime,
) -> bool:
    """End the log-in once, on record; what a watch needs has rules of its own."""
    claim = (
        update(LoginSession)
        .where(LoginSession.id == opened.id, LoginSession.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    audit.record(
        session,
        organisation_id=opened.organisation_id,
        actor_id=opened.user_id,
        action="login.replayed",
        subject="login_sessions",
        subject_id=opened.id,
        now=now,
        device_id=opened.device_id,
        replayed=number,
        newest=opened.generation,
        same_device=at_home,
    )
    return True
