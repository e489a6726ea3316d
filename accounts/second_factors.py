"""Second factors: a code from an authenticator, each good once (RFC 6238).

Everybody but collectors has one; a collector at a door has a PIN. ``at`` is real time,
as authenticators show it, never the clock of a demo.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from accounts import audit, users
from accounts.passwords import Proof
from core.actor import Actor
from core.errors import Conflict, Forbidden, Unauthenticated, one_field
from core.words import Role
from models import LoginSession, Organisation, RecoveryCode, SecondFactor, User, claims
from models.sealed import ring

STEP_S = 30
RECOVERY_CODES = 10


class Needed(Unauthenticated):
    """The password was right: now the code."""

    code = "second_factor_needed"


class Wrong(Unauthenticated):
    """The password was right, the code is not, or it was used before."""

    code = "second_factor_wrong"


class Missing(Forbidden):
    """This log-in may only set up the second factor that the role has to have."""

    code = "second_factor_missing"


@dataclass(frozen=True, slots=True)
class Typed:
    """What was given beside the password; ``text`` may be empty."""

    text: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is set up with; shown to its owner alone."""

    secret: str
    uri: str


def of(session: Session, user: User) -> SecondFactor | None:
    """The user's second factor, confirmed or not."""
    query = select(SecondFactor).where(
        SecondFactor.organisation_id == user.organisation_id,
        SecondFactor.user_id == user.id,
    )
    return session.scalars(query).one_or_none()


def enrol_only(session: Session, user: User, typed: Typed, *, now: datetime) -> bool:
    """Hold the code against the user's second factor.

    ``Needed`` or ``Wrong`` where it does not fit. True where the user has none yet and
    must have one: then his log-in is good for nothing else.
    """
    if user.role is Role.COLLECTOR:
        return False
    factor = of(session, user)
    if factor is None or factor.confirmed_at is None:
        organisation = session.get_one(Organisation, user.organisation_id)
        return organisation.second_factor_required
    if not typed.text:
        raise Needed("Send the code that your authenticator shows, too.")
    if not (_accepted(session, factor, typed) or _recovered(session, user, typed, now)):
        raise Wrong("This code is wrong or was used before: wait for the next one.")
    return False


def begin(
    session: Session, actor: Actor, *, password: Proof | None, now: datetime
) -> Enrolment:
    """A fresh secret; ``Conflict`` where an authenticator is set up already.

    ``password`` is proved anew, so that a stolen log-in sets up none; ``None`` for a
    log-in that just proved it and can do nothing else.
    """
    user = users.get(session, actor, actor.user_id)
    if password is not None and not password.holds(user.password_hash):
        raise one_field("password", "is not your password")
    factor = of(session, user)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("You have a second factor: an admin can reset it.")
    if factor is None:
        factor = SecondFactor(
            organisation_id=user.organisation_id, user_id=user.id, created_at=now
        )
        session.add(factor)
    factor.secret = pyotp.random_base32()
    session.flush()
    return shown(session, user, factor)


def shown(session: Session, user: User, factor: SecondFactor) -> Enrolment:
    """The secret as text, and as what an authenticator scans."""
    organisation = session.get_one(Organisation, user.organisation_id)
    secret = factor.secret or ""
    uri = pyotp.TOTP(secret).provisioning_uri(
        name=user.login or "", issuer_name=f"Vouchsafe {organisation.slug}"
    )
    return Enrolment(secret, uri)


def confirm(
    session: Session, actor: Actor, *, typed: Typed, now: datetime
) -> Sequence[str]:
    """The first code shows that the authenticator works; the recovery codes.

    ``Invalid`` where the code is wrong, ``Conflict`` where nothing was begun.
    """
    user = users.get(session, actor, actor.user_id)
    factor = of(session, user)
    if factor is None or factor.confirmed_at is not None:
        raise Conflict("There is no second factor to confirm.")
    if not _accepted(session, factor, typed):
        raise one_field("code", "is not what the authenticator shows now")
    session.refresh(factor)
    factor.confirmed_at = now
    session.execute(
        update(LoginSession)
        .where(
            LoginSession.organisation_id == user.organisation_id,
            LoginSession.user_id == user.id,
            LoginSession.enrol_only,
        )
        .values(enrol_only=False)
    )
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(
            RecoveryCode(
                organisation_id=user.organisation_id,
                user_id=user.id,
                code_digest=_digest(user, code),
                created_at=now,
            )
        )
    session.flush()
    _record(session, user, actor.user_id, "set_up", now=now)
    return codes


def recovery_codes_left(session: Session, user: User) -> int:
    """How many can still be used."""
    query = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.organisation_id == user.organisation_id,
        RecoveryCode.user_id == user.id,
        RecoveryCode.used_at.is_(None),
    )
    return session.scalars(query).one()


def reset(session: Session, actor: Actor, user_id: UUID, *, now: datetime) -> User:
    """The authenticator is lost: away with it, and the user's log-ins end.

    ``Conflict`` for oneself, so that a stolen log-in does not rid itself of the factor.
    """
    if user_id == actor.user_id:
        raise Conflict("Another admin has to reset your second factor.")
    user = users.get(session, actor, user_id)
    remove(session, user, removed_by=actor.user_id, now=now)
    return user


def remove(
    session: Session, user: User, *, removed_by: UUID | None, now: datetime
) -> None:
    """Forget the factor; nobody is named for what an operator does by hand."""
    if of(session, user) is None:
        raise Conflict("The user has no second factor.")
    for table in (RecoveryCode, SecondFactor):
        session.execute(
            delete(table).where(
                table.organisation_id == user.organisation_id,
                table.user_id == user.id,
            )
        )
    users.end_log_ins(session, user, now=now)
    _record(session, user, removed_by, "reset", now=now)


def _accepted(session: Session, factor: SecondFactor, typed: Typed) -> bool:
    """True for the code of now or one step beside it, the first time it is given."""
    step = _step(factor.secret or "", typed)
    if step is None:
        return False
    claim = (
        update(SecondFactor)
        .where(
            SecondFactor.id == factor.id,
            SecondFactor.organisation_id == factor.organisation_id,
            or_(SecondFactor.last_step.is_(None), SecondFactor.last_step < step),
        )
        .values(last_step=step)
        .execution_options(synchronize_session=False)
    )
    return claims.changed(session, claim) == 1


def _step(secret: str, typed: Typed) -> int | None:
    """The time step whose code was typed."""
    code = "".join((typed.text or "").split())
    now = int(typed.at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _recovered(session: Session, user: User, typed: Typed, now: datetime) -> bool:
    claim = (
        update(RecoveryCode)
        .where(
            RecoveryCode.organisation_id == user.organisation_id,
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_digest == _digest(user, typed.text or ""),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if claims.changed(session, claim) != 1:
        return False
    _record(session, user, user.id, "recovery_code_used", now=now)
    return True


def _new_code() -> str:
    """80 bits as four groups of letters and digits."""
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[i : i + 4] for i in range(0, 16, 4))


def _digest(user: User, code: str) -> str:
    bare = "".join(code.split()).replace("-", "").lower()
    return ring.keyring.digest("recovery_code", f"{user.id}:{bare}")


def _record(
    session: Session, user: User, actor_id: UUID | None, what: str, *, now: datetime
) -> None:
    audit.record(
        session,
        organisation_id=user.organisation_id,
        actor_id=actor_id,
        action=f"second_factor.{what}",
        subject="users",
        subject_id=user.id,
        now=now,
    )
