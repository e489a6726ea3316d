"""Users: created and suspended by admins; their own secrets and duty in their hands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit, names, phones
from accounts.passwords import NO_PINS, Hash, Pins, Proof
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import Role, UserState
from models import FormerPin, LoginSession, Organisation, User, claims
from models.sealed import ring

LONGEST_NAME = 80


def create(
    session: Session,
    *,
    organisation_id: UUID,
    login: str,
    name: str,
    phone: str | None,
    role: Role,
    password: Hash,
    pins: Pins = NO_PINS,
    created_by: UUID | None,
    now: datetime,
) -> User:
    """A new active user, off duty; a collector needs a phone and a PIN.

    A phone without a plus is read as dialled in the organisation's country.
    ``created_by`` is empty only for what an operator does by hand. ``Conflict`` where
    the organisation has that login already.
    """
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound("organisation")
    _complete(role, phone=phone, pins=pins)
    normal = names.login(login)
    row = User(
        organisation_id=organisation_id,
        login=normal,
        login_digest=login_digest(organisation_id, normal),
        name=names.readable(name, field="name", longest=LONGEST_NAME),
        phone=phones.e164(phone, organisation.country) if phone else None,
        role=role,
        password_hash=password,
        pin_hash=pins.normal,
        duress_pin_hash=pins.duress,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("This login is taken.") from error
    _record(session, row, created_by, "created", now=now, role=role)
    return row


def get(session: Session, actor: Actor, user_id: UUID) -> User:
    """A user of the actor's organisation, or ``NotFound``."""
    query = select(User).where(User.id == user_id, _of(actor))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("user")
    return row


def page(
    session: Session,
    actor: Actor,
    *,
    after: UUID | None,
    limit: int,
    role: Role | None = None,
) -> Sequence[User]:
    """At most ``limit`` users after that id, oldest first; of one role or all."""
    query = select(User).where(_of(actor)).order_by(User.id).limit(limit)
    if role is not None:
        query = query.where(User.role == role)
    if after is not None:
        query = query.where(User.id > after)
    return session.scalars(query).all()


def suspend(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> User:
    """End the user's log-ins and his duty; a watch over him goes on.

    ``Conflict`` for oneself, so that an organisation never locks itself out.
    """
    if user_id == actor.user_id:
        raise Conflict("You cannot suspend yourself.")
    row = get(session, actor, user_id)
    _move(session, row, UserState.ACTIVE, UserState.SUSPENDED)
    row.on_duty_since = None
    end_log_ins(session, row, now=now)
    _record(session, row, actor.user_id, "suspended", now=now)
    return row


def reinstate(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> User:
    """Let a suspended user log in again; ``Conflict`` where he is not suspended."""
    row = get(session, actor, user_id)
    _move(session, row, UserState.SUSPENDED, UserState.ACTIVE)
    _record(session, row, actor.user_id, "reinstated", now=now)
    return row


def set_pins(
    session: Session, actor: Actor, *, password: Proof, pins: Pins, now: datetime
) -> User:
    """Other PINs for the actor; ``Invalid`` where the password is not his."""
    row = _proven(session, actor, "password", password)
    replace_pins(session, row, pins, now=now)
    _record(session, row, actor.user_id, "pin_changed", now=now)
    return row


def replace_pins(session: Session, row: User, pins: Pins, *, now: datetime) -> None:
    """Other PINs for watches that begin from now on; the former ones are kept for those
    that have begun, so that whoever changes them silences none of them.

    ``Invalid`` where a duress PIN would be lost: its owner would believe he has one.
    """
    if row.duress_pin_hash is not None and pins.duress is None:
        raise one_field("duress_pin", "is required: you have one, choose a new one too")
    if row.pin_hash is not None:
        former = FormerPin(
            organisation_id=row.organisation_id,
            user_id=row.id,
            pin_hash=row.pin_hash,
            duress_pin_hash=row.duress_pin_hash,
            until=now,
        )
        session.add(former)
    row.pin_hash, row.duress_pin_hash = pins.normal, pins.duress
    session.flush()


def pins_of(session: Session, row: User, *, since: datetime | None) -> Pins:
    """The PINs that were the user's at ``since``; ``None``: those of now."""
    now = Pins(row.pin_hash, row.duress_pin_hash)
    if since is None:
        return now
    query = (
        select(FormerPin.pin_hash, FormerPin.duress_pin_hash)
        .where(
            FormerPin.organisation_id == row.organisation_id,
            FormerPin.user_id == row.id,
            FormerPin.until > since,
        )
        .order_by(FormerPin.until, FormerPin.id)
        .limit(1)
    )
    former = session.execute(query).one_or_none()
    return Pins(*former) if former else now


def set_password(
    session: Session, actor: Actor, *, old: Proof, new: Hash, now: datetime
) -> User:
    """Another password for the actor; his log-ins on other devices end."""
    row = _proven(session, actor, "old", old)
    row.password_hash = new
    end_log_ins(session, row, but_on=actor.device_id, now=now)
    _record(session, row, actor.user_id, "password_changed", now=now)
    return row


def set_duty(session: Session, actor: Actor, *, on: bool, now: datetime) -> User:
    """Go on duty or off it; saying so twice changes nothing."""
    row = get(session, actor, actor.user_id)
    if on == (row.on_duty_since is not None):
        return row
    row.on_duty_since = now if on else None
    session.flush()
    _record(session, row, actor.user_id, "on_duty" if on else "off_duty", now=now)
    return row


def login_digest(organisation_id: UUID, login: str) -> str:
    """The keyed digest that finds a login, however it is typed."""
    return ring.keyring.digest(
        "login", f"{organisation_id}:{names.normal_login(login)}"
    )


def _of(actor: Actor) -> ColumnElement[bool]:
    return User.organisation_id == actor.organisation_id


def _complete(role: Role, *, phone: str | None, pins: Pins) -> None:
    """Help has to reach a collector, and he ends his watch with a PIN."""
    if role is Role.COLLECTOR and not phone:
        raise one_field("phone", "is required for a collector")
    if role is Role.COLLECTOR and not pins.normal:
        raise one_field("pin", "is required for a collector")


def _proven(session: Session, actor: Actor, field: str, password: Proof) -> User:
    row = get(session, actor, actor.user_id)
    if not password.holds(row.password_hash):
        raise one_field(field, "is not your password")
    return row


def _move(session: Session, row: User, old: UserState, new: UserState) -> None:
    """Claim the change of state, so that of two admins only one is recorded."""
    claim = (
        update(User)
        .where(
            User.id == row.id,
            User.organisation_id == row.organisation_id,
            User.state == old,
        )
        .values(state=new)
    )
    if claims.changed(session, claim) != 1:
        raise Conflict(f"The user is not {old}.")
    session.refresh(row)


def end_log_ins(
    session: Session, row: User, *, but_on: UUID | None = None, now: datetime
) -> None:
    """Revoke the log-ins of a user, but those on one device."""
    ended = update(LoginSession).where(
        LoginSession.organisation_id == row.organisation_id,
        LoginSession.user_id == row.id,
        LoginSession.revoked_at.is_(None),
    )
    if but_on is not None:
        ended = ended.where(LoginSession.device_id != but_on)
    session.execute(ended.values(revoked_at=now))


def _record(
    session: Session,
    row: User,
    actor_id: UUID | None,
    what: str,
    *,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        organisation_id=row.organisation_id,
        actor_id=actor_id,
        action=f"user.{what}",
        subject="users",
        subject_id=row.id,
        now=now,
        **detail,
    )
