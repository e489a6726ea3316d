"""Invitations: an admin names the person, who alone chooses password and PIN."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Update, exists, select, update
from sqlalchemy.orm import Session

from accounts import audit, names, one_time_codes, phones, users
from accounts.passwords import NO_PINS, Hash, Pins
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import Role
from models import Invitation, Organisation, User, claims

VALID = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation, and the code that only its message may show."""

    invitation: Invitation
    code: str


def invite(
    session: Session,
    actor: Actor,
    *,
    login: str,
    name: str,
    phone: str,
    role: Role,
    now: datetime,
) -> Sent:
    """Invite one person for 72 hours; ``Conflict`` where the login is taken.

    A phone without a plus is read as dialled in the organisation's country.
    """
    organisation = session.get_one(Organisation, actor.organisation_id)
    normal, code = names.login(login), one_time_codes.new()
    row = Invitation(
        organisation_id=organisation.id,
        login=normal,
        login_digest=users.login_digest(organisation.id, normal),
        name=names.readable(name, field="name", longest=users.LONGEST_NAME),
        phone=phones.e164(phone, organisation.country),
        role=role,
        code_digest=one_time_codes.digest(code),
        invited_by=actor.user_id,
        created_at=now,
        valid_to=now + VALID,
    )
    if _taken(session, row, now):
        raise Conflict("This login is taken.")
    session.add(row)
    session.flush()
    _record(session, row, actor.user_id, "sent", now=now, role=role)
    return Sent(row, code)


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Invitation]:
    """Invitations that nobody accepted or revoked, oldest first; old ones too."""
    query = select(Invitation).where(
        Invitation.organisation_id == actor.organisation_id,
        Invitation.ended_at.is_(None),
    )
    if after is not None:
        query = query.where(Invitation.id > after)
    return session.scalars(query.order_by(Invitation.id).limit(limit)).all()


def renew(
    session: Session, actor: Actor, invitation_id: UUID, *, now: datetime
) -> Sent:
    """Another code for 72 hours; the one before is worth nothing then."""
    code = one_time_codes.new()
    claim = (
        _open(actor.organisation_id, Invitation.id == invitation_id)
        .values(code_digest=one_time_codes.digest(code), valid_to=now + VALID)
        .execution_options(synchronize_session=False)
    )
    row = get(session, actor, invitation_id)
    if claims.changed(session, claim) != 1:
        raise Conflict("This invitation was accepted or revoked.")
    session.refresh(row)
    _record(session, row, actor.user_id, "renewed", now=now)
    return Sent(row, code)


def revoke(
    session: Session, actor: Actor, invitation_id: UUID, *, now: datetime
) -> Invitation:
    """Its code is worth nothing now; ``Conflict`` where it was used."""
    row = get(session, actor, invitation_id)
    _end(session, row, _open(row.organisation_id, Invitation.id == row.id), now)
    _record(session, row, actor.user_id, "revoked", now=now)
    return row


def get(session: Session, actor: Actor, invitation_id: UUID) -> Invitation:
    """An invitation of the actor's organisation, or ``NotFound``."""
    query = select(Invitation).where(
        Invitation.id == invitation_id,
        Invitation.organisation_id == actor.organisation_id,
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("invitation")
    return row


def of_code(session: Session, code: str, *, now: datetime) -> Invitation | None:
    """What a code invites to, while it does."""
    query = select(Invitation).where(
        Invitation.code_digest == one_time_codes.digest(code),
        Invitation.ended_at.is_(None),
        Invitation.valid_to > now,
    )
    return session.scalars(query).one_or_none()


def accept(
    session: Session, *, code: str, password: Hash, pins: Pins, now: datetime
) -> User:
    """The person becomes a user, with secrets of his own; the code has been used.

    ``Invalid`` where the code will not do, or a collector's PIN is missing.
    """
    row = of_code(session, code, now=now)
    if row is None:
        raise one_field("code", "is wrong, was used or is too old: ask for another")
    login, name, phone = row.login or "", row.name or "", row.phone
    same = Invitation.code_digest == one_time_codes.digest(code)
    _end(session, row, _open(row.organisation_id, Invitation.id == row.id, same), now)
    user = users.create(
        session,
        organisation_id=row.organisation_id,
        login=login,
        name=name,
        phone=phone,
        role=row.role,
        password=password,
        pins=pins if row.role is Role.COLLECTOR else NO_PINS,
        created_by=row.invited_by,
        now=now,
    )
    row.user_id = user.id
    session.flush()
    _record(session, row, user.id, "accepted", now=now)
    return user


def _end(session: Session, row: Invitation, claim: Update, now: datetime) -> None:
    """End it once, and forget the person: what is needed stands in his user then."""
    ended = claim.values(
        ended_at=now, login_sealed=None, name_sealed=None, phone_sealed=None
    ).execution_options(synchronize_session=False)
    if claims.changed(session, ended) != 1:
        raise Conflict("This invitation was accepted or revoked.")
    session.refresh(row)


def _open(organisation_id: UUID, *conditions: ColumnElement[bool]) -> Update:
    return update(Invitation).where(
        Invitation.organisation_id == organisation_id,
        Invitation.ended_at.is_(None),
        *conditions,
    )


def _taken(session: Session, row: Invitation, now: datetime) -> bool:
    by_user = exists().where(
        User.organisation_id == row.organisation_id,
        User.login_digest == row.login_digest,
    )
    by_another = exists().where(
        Invitation.organisation_id == row.organisation_id,
        Invitation.login_digest == row.login_digest,
        Invitation.ended_at.is_(None),
        Invitation.valid_to > now,
    )
    return bool(session.scalar(select(by_user | by_another)))


def _record(
    session: Session,
    row: Invitation,
    actor_id: UUID,
    what: str,
    *,
    now: datetime,
    **detail: object,
) -> None:
    audit.record(
        session,
        organisation_id=row.organisation_id,
        actor_id=actor_id,
        action=f"invitation.{what}",
        subject="invitations",
        subject_id=row.id,
        now=now,
        **detail,
    )
