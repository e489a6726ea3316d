"""Devices: registered by their users, revoked when they are lost.

A revoked device stays revoked, with every token that was ever bound to it. Whoever
finds his phone logs in on it again: that makes it a new device.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from accounts import audit, users
from core.actor import Actor
from core.errors import Conflict, NotFound
from core.words import Platform, Role
from models import Device, LoginSession, Organisation, User, claims

ANYBODYS = frozenset({Role.ADMIN, Role.SAFETY_OFFICER})


def register(
    session: Session,
    actor: Actor,
    app_id: UUID,
    *,
    platform: Platform,
    app_version: str,
    push_token: str | None,
    now: datetime,
) -> Device:
    """What the actor's own device says of itself; ``NotFound`` for any other device.

    Only a change is recorded: apps say it at every start.
    """
    device = session.get(Device, actor.device_id) if actor.device_id else None
    if device is None or device.app_id != app_id or device.revoked_at is not None:
        raise NotFound("device")
    before = (device.platform, device.app_version, device.push_token)
    if before == (platform, app_version, push_token):
        return device
    device.platform, device.app_version = platform, app_version
    device.push_token = push_token
    session.flush()
    _record(session, device, actor, "registered", now=now, platform=platform)
    return device


def page(
    session: Session, actor: Actor, user_id: UUID, *, after: UUID | None, limit: int
) -> Sequence[Device]:
    """A user's devices, oldest first; his own, or those that the actor may revoke."""
    user = users.get(session, actor, user_id)
    if user.id != actor.user_id and not _in_charge_of(actor, user):
        raise NotFound("user")
    query = select(Device).where(
        Device.organisation_id == actor.organisation_id, Device.user_id == user.id
    )
    if after is not None:
        query = query.where(Device.id > after)
    return session.scalars(query.order_by(Device.id).limit(limit)).all()


def revoke(session: Session, actor: Actor, device_id: UUID, *, now: datetime) -> Device:
    """The phone is lost: its log-ins end, a watch over its owner runs on.

    Asked for by its user from another device, or by whoever is in charge: then it is
    revoked for everyone who used that phone. Saying so twice changes nothing.
    """
    device = session.get(Device, device_id)
    if device is None or device.organisation_id != actor.organisation_id:
        raise NotFound("device")
    own = device.user_id == actor.user_id
    if not own and not _in_charge_of(actor, session.get_one(User, device.user_id)):
        raise NotFound("device")
    if device.id == actor.device_id:
        raise Conflict(
            "This is the device that you are using: log out, or revoke it from "
            "another one."
        )
    for one in [device] if own else _same_phone(session, device):
        _revoke(session, actor, one, now=now)
    session.refresh(device)
    return device


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a device is, and what became of it."""

    user: User
    organisation: Organisation
    revoked: bool


def holder(session: Session, actor: Actor) -> Holder | None:
    """Who stands behind a token that we signed for a device; ``None``: nobody now."""
    query = (
        select(User, Organisation, Device.revoked_at)
        .join(Organisation, Organisation.id == User.organisation_id)
        .outerjoin(
            Device,
            and_(
                Device.id == actor.device_id,
                Device.organisation_id == User.organisation_id,
                Device.user_id == User.id,
            ),
        )
        .where(User.id == actor.user_id, Organisation.id == actor.organisation_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    user, organisation, revoked_at = found
    return Holder(user, organisation, revoked_at is not None)


def lost(session: Session, login_session_id: UUID) -> Actor | None:
    """The collector behind a log-in on a device that was revoked; ``None``: it is not.

    Like ``logins.actor`` without an organisation: the id came out of a token we signed.
    """
    query = (
        select(User, Device.id)
        .join(LoginSession, LoginSession.user_id == User.id)
        .join(Device, Device.id == LoginSession.device_id)
        .where(
            LoginSession.id == login_session_id,
            Device.revoked_at.is_not(None),
            User.role == Role.COLLECTOR,
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    user, device_id = found
    return Actor(
        user.organisation_id, user.id, user.role, device_id, device_revoked=True
    )


def make_way(session: Session, device: Device) -> None:
    """A revoked device gives up the app's id: the next log-in is a new device's."""
    device.app_id = device.id
    session.flush()


def _in_charge_of(actor: Actor, user: User) -> bool:
    """Admins and safety officers for everybody, dispatchers for their collectors."""
    if actor.role is Role.DISPATCHER:
        return user.role is Role.COLLECTOR
    return actor.role in ANYBODYS


def _same_phone(session: Session, device: Device) -> Sequence[Device]:
    """The rows of everyone of the organisation who logged in on it."""
    query = select(Device).where(
        Device.organisation_id == device.organisation_id,
        or_(Device.id == device.id, Device.app_id == device.app_id),
    )
    return session.scalars(query.order_by(Device.id)).all()


def _revoke(session: Session, actor: Actor, device: Device, *, now: datetime) -> None:
    claim = (
        update(Device)
        .where(
            Device.id == device.id,
            Device.organisation_id == device.organisation_id,
            Device.revoked_at.is_(None),
        )
        .values(revoked_at=now, push_token_sealed=None)
    )
    if claims.changed(session, claim) != 1:
        return
    session.execute(
        update(LoginSession)
        .where(
            LoginSession.organisation_id == device.organisation_id,
            LoginSession.device_id == device.id,
            LoginSession.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
    _record(session, device, actor, "revoked", now=now, user_id=device.user_id)


def _record(
    session: Session,
    device: Device,
    actor: Actor,
    what: str,
    *,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        organisation_id=device.organisation_id,
        actor_id=actor.user_id,
        action=f"device.{what}",
        subject="devices",
        subject_id=device.id,
        now=now,
        **detail,
    )
