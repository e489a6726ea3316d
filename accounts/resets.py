"""Reset a password or a PIN by a code to the phone on record, once.

Whoever asks without a log-in learns nothing: neither whether the login exists nor
whether a message left.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from accounts import audit, logins, one_time_codes, users
from accounts.passwords import Hash, Pins
from core.actor import Actor
from core.errors import Conflict, Invalid, one_field
from core.words import ResetKind, Role, UserState
from models import ResetCode, User, claims

VALID = timedelta(minutes=30)
PAUSE = timedelta(minutes=10)  # the last code is still good: no second message
A_DAY = timedelta(days=1)
MOST_A_DAY = 5  # of those that a stranger can cause


@dataclass(frozen=True, slots=True)
class Issued:
    """Whose code it is, and the code that only the message may show."""

    user: User
    code: str


def ask(session: Session, *, slug: str, login: str, now: datetime) -> Issued | None:
    """A password code for whoever cannot log in; ``None``: nothing is to be sent."""
    user = logins.find(session, slug, login)
    if user is None or user.state is not UserState.ACTIVE or not user.phone_sealed:
        return None
    if _too_many(session, user, now):
        return None
    return _issue(session, user, ResetKind.PASSWORD, None, now)


def send(
    session: Session, actor: Actor, user_id: UUID, *, kind: ResetKind, now: datetime
) -> Issued:
    """A code for somebody of the actor's organisation; ``Conflict`` where none fits."""
    user = users.get(session, actor, user_id)
    if user.state is not UserState.ACTIVE or not user.phone_sealed:
        raise Conflict("The user is suspended, or has no phone on record.")
    if kind is ResetKind.PIN and user.role is not Role.COLLECTOR:
        raise Conflict("Only collectors have a PIN.")
    return _issue(session, user, kind, actor.user_id, now)


def known(session: Session, code: str, *, kind: ResetKind, now: datetime) -> bool:
    """True for a code that can be used now."""
    return (
        session.scalar(select(ResetCode.id).where(*_good(code, kind, now))) is not None
    )


def set_password(session: Session, *, code: str, new: Hash, now: datetime) -> User:
    """Another password by code: every log-in of the user ends, and every other code.

    A running watch keeps its safety token. ``Invalid`` where the code won't do.
    """
    user = _use(session, code, ResetKind.PASSWORD, now)
    user.password_hash = new
    users.end_log_ins(session, user, now=now)
    session.flush()
    _record(session, user, user.id, "password_reset", now=now)
    return user


def set_pins(session: Session, *, code: str, pins: Pins, now: datetime) -> User:
    """Other PINs by code, for watches that begin from now on."""
    user = _use(session, code, ResetKind.PIN, now)
    users.replace_pins(session, user, pins, now=now)
    _record(session, user, user.id, "pin_reset", now=now)
    return user


def _issue(
    session: Session, user: User, kind: ResetKind, by: UUID | None, now: datetime
) -> Issued:
    code = one_time_codes.new()
    _end_others(session, user, kind, now)
    row = ResetCode(
        organisation_id=user.organisation_id,
        user_id=user.id,
        kind=kind,
        code_digest=one_time_codes.digest(code),
        created_by=by,
        created_at=now,
        valid_to=now + VALID,
    )
    session.add(row)
    session.flush()
    _record(session, user, by, "reset_code_sent", now=now, kind=kind)
    return Issued(user, code)


def _too_many(session: Session, user: User, now: datetime) -> bool:
    """A stranger who asks again and again neither floods the phone nor ends a code."""
    asked = (
        ResetCode.organisation_id == user.organisation_id,
        ResetCode.user_id == user.id,
        ResetCode.kind == ResetKind.PASSWORD,
    )
    newest = select(func.max(ResetCode.created_at)).where(
        *asked, ResetCode.ended_at.is_(None)
    )
    last = session.scalar(newest)
    if last is not None and last > now - PAUSE:
        return True
    many = select(func.count(ResetCode.id)).where(
        *asked, ResetCode.created_by.is_(None), ResetCode.created_at > now - A_DAY
    )
    return session.scalars(many).one() >= MOST_A_DAY


def _good(code: str, kind: ResetKind, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        ResetCode.code_digest == one_time_codes.digest(code),
        ResetCode.kind == kind,
        ResetCode.ended_at.is_(None),
        ResetCode.valid_to > now,
    )


def _use(session: Session, code: str, kind: ResetKind, now: datetime) -> User:
    """The user whose code it is; it is spent by this. Rivals find it spent."""
    good = _good(code, kind, now)
    row = session.scalars(select(ResetCode).where(*good)).one_or_none()
    spent = update(ResetCode).where(*good).values(ended_at=now)
    spent = spent.execution_options(synchronize_session=False)
    if row is None or claims.changed(session, spent) != 1:
        raise _wrong()
    user = session.get_one(User, row.user_id, populate_existing=True)
    if user.state is not UserState.ACTIVE:
        raise _wrong()
    _end_others(session, user, kind, now)
    return user


def _wrong() -> Invalid:
    return one_field("code", "is wrong, was used or is too old: ask for another")


def _end_others(session: Session, user: User, kind: ResetKind, now: datetime) -> None:
    session.execute(
        update(ResetCode)
        .where(
            ResetCode.organisation_id == user.organisation_id,
            ResetCode.user_id == user.id,
            ResetCode.kind == kind,
            ResetCode.ended_at.is_(None),
        )
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def _record(
    session: Session,
    user: User,
    actor_id: UUID | None,
    what: str,
    *,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        organisation_id=user.organisation_id,
        actor_id=actor_id,
        action=f"user.{what}",
        subject="users",
        subject_id=user.id,
        now=now,
        **detail,
    )
