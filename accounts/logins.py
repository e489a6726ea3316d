"""Log-in sessions: what stands behind the tokens of one user on one device."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from accounts import audit, devices, second_factors, users
from accounts.passwords import Proof
from accounts.second_factors import Typed
from core.actor import Actor
from core.errors import NotFound, Unauthenticated
from core.words import UserState
from models import Device, LoginSession, Organisation, User, claims

WRONG = "Organisation, login or password is wrong."


def log_in(
    session: Session,
    *,
    slug: str,
    login: str,
    password: Proof,
    app_id: UUID,
    now: datetime,
    second: Typed | None = None,
) -> LoginSession:
    """A new log-in session on the device that the app named ``app_id``.

    ``password`` is what was given, held against ``password_hash``. Whatever is wrong,
    or a suspended user: ``Unauthenticated`` with the same words. After a right password
    ``second_factors.Needed`` or ``Wrong``, where there is a second factor.
    """
    user = find(session, slug, login)
    if user is None or not password.holds(user.password_hash):
        raise Unauthenticated(WRONG)
    if user.state is not UserState.ACTIVE:
        raise Unauthenticated(WRONG)
    second = second or Typed(None, now)
    enrol_only = second_factors.enrol_only(session, user, second, now=now)
    device = _device(session, user, app_id, now=now)
    opened = LoginSession(
        organisation_id=user.organisation_id,
        user_id=user.id,
        device_id=device.id,
        created_at=now,
        enrol_only=enrol_only,
    )
    session.add(opened)
    session.flush()
    _record(session, opened, "opened", now=now)
    return opened


def password_hash(session: Session, *, slug: str, login: str) -> str | None:
    """What a password is held against; ``None`` where there is no such user."""
    user = find(session, slug, login)
    return user.password_hash if user else None


def actor(session: Session, login_session_id: UUID) -> Actor:
    """Who acts in this log-in; ``Unauthenticated`` once it, or the user, has ended.

    The only look-up without an organisation: the id came out of a token we signed.
    """
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .join(Device, Device.id == LoginSession.device_id)
        .where(
            LoginSession.id == login_session_id,
            LoginSession.revoked_at.is_(None),
            Device.revoked_at.is_(None),
            User.state == UserState.ACTIVE,
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise Unauthenticated("This log-in has ended: log in again.")
    opened, user = found
    return Actor(user.organisation_id, user.id, user.role, opened.device_id)


def enrol_only(session: Session, login_session_id: UUID) -> bool:
    """True where this log-in may only set up a second factor."""
    return session.get_one(LoginSession, login_session_id).enrol_only


def standing(
    session: Session, login_session_ids: Collection[UUID]
) -> dict[UUID, Actor]:
    """Who acts in those of these log-ins that still stand, by the log-in's id."""
    query = (
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(
            LoginSession.id.in_(login_session_ids),
            LoginSession.revoked_at.is_(None),
            User.state == UserState.ACTIVE,
        )
    )
    return {
        opened.id: Actor(user.organisation_id, user.id, user.role, opened.device_id)
        for opened, user in session.execute(query)
    }


def log_out(
    session: Session, actor: Actor, login_session_id: UUID, *, now: datetime
) -> None:
    """End one log-in of the actor's own; ``NotFound`` where it is not open."""
    claim = (
        update(LoginSession)
        .where(
            LoginSession.id == login_session_id,
            LoginSession.organisation_id == actor.organisation_id,
            LoginSession.user_id == actor.user_id,
            LoginSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    if claims.changed(session, claim) != 1:
        raise NotFound("log-in session")
    opened = session.get_one(LoginSession, login_session_id, populate_existing=True)
    _record(session, opened, "closed", now=now)


def device_is_out(session: Session, actor: Actor) -> bool:
    """True once the actor's last log-in on his device has ended or he is suspended."""
    stands = exists().where(
        LoginSession.organisation_id == actor.organisation_id,
        LoginSession.user_id == actor.user_id,
        LoginSession.device_id == actor.device_id,
        LoginSession.revoked_at.is_(None),
        User.id == LoginSession.user_id,
        User.state == UserState.ACTIVE,
    )
    return not session.scalar(select(stands))


def find(session: Session, slug: str, login: str) -> User | None:
    """The user of that login, in whatever state; ``None``: there is none."""
    query = select(Organisation.id).where(Organisation.slug == slug)
    organisation_id = session.scalars(query).one_or_none()
    if organisation_id is None:
        return None
    return session.scalars(
        select(User).where(
            User.organisation_id == organisation_id,
            User.login_digest == users.login_digest(organisation_id, login),
        )
    ).one_or_none()


def _device(session: Session, user: User, app_id: UUID, *, now: datetime) -> Device:
    """The user's device of that name, new or seen before; a lost one begins anew."""
    query = select(Device).where(
        Device.organisation_id == user.organisation_id,
        Device.user_id == user.id,
        Device.app_id == app_id,
    )
    device = session.scalars(query).one_or_none()
    if device is not None and device.revoked_at is not None:
        devices.make_way(session, device)
        device = None
    if device is None:
        device = Device(
            organisation_id=user.organisation_id,
            user_id=user.id,
            app_id=app_id,
            created_at=now,
        )
        session.add(device)
    device.last_login_at = now
    session.flush()
    return device


def _record(
    session: Session, opened: LoginSession, what: str, *, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=opened.organisation_id,
        actor_id=opened.user_id,
        action=f"login.{what}",
        subject="login_sessions",
        subject_id=opened.id,
        now=now,
        device_id=opened.device_id,
    )
