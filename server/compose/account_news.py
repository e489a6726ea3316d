"""Our own people hear by message what happens to their accounts; so come codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts.invitations import Sent
from accounts.resets import Issued
from contact import outbox, wording
from core import ids
from core.words import Lane, MessageKind, ResetKind
from models import Organisation, User
from safety import informing, watches
from server.endpoint import Call

To = tuple[UUID, UUID | None, str | None]  # organisation, user, phone
PAGES = {ResetKind.PASSWORD: "password", ResetKind.PIN: "pin"}


def invited(call: Call, sent: Sent) -> None:
    """The code, to the phone that the admin named."""
    row = sent.invitation
    body = _code(call, row.organisation_id, "invitation", sent.code, "invitation")
    to = row.organisation_id, None, row.phone
    _enqueue(call.session, to, body, now=call.now)


def reset_code(call: Call, issued: Issued, kind: ResetKind) -> None:
    """The code, to the phone on record."""
    user = issued.user
    body = _code(call, user.organisation_id, kind.value, issued.code, PAGES[kind])
    _enqueue(call.session, _phone(user), body, now=call.now)


def second_factor_reset(session: Session, user: User, *, now: datetime) -> None:
    """His authenticator is worth nothing now: he did it, or somebody else did."""
    _tell(session, user, "second_factor_reset", now)


def password_reset(session: Session, user: User, *, now: datetime) -> None:
    """His password is another one now."""
    _tell(session, user, "password_reset", now)


def pin_changed(session: Session, user: User, *, now: datetime) -> None:
    """His PIN is another one; during a watch the safety officers hear of it too."""
    _tell(session, user, "pin_changed", now)
    begun = watches.not_closed(session, user.id)
    if begun:
        informing.pin_changed(session, begun[0], now=now)


def _code(call: Call, organisation_id: UUID, what: str, code: str, page: str) -> str:
    organisation = call.session.get_one(Organisation, organisation_id)
    return wording.account_code(
        what=what,
        employer=organisation.public_name,
        code=code,
        url=f"{call.runtime.settings.public_url}/account/{page}",
        language=wording.staff_language(organisation.country),
    )


def _tell(session: Session, user: User, what: str, now: datetime) -> None:
    language = informing.language(session, user.organisation_id)
    body = wording.account_news(what=what, language=language)
    _enqueue(session, _phone(user), body, now=now)


def _phone(user: User) -> To:
    return user.organisation_id, user.id, User.phone.readable(user)


def _enqueue(session: Session, to: To, body: str, *, now: datetime) -> None:
    organisation_id, user_id, phone = to
    if phone is None:
        return
    outbox.enqueue(
        session,
        organisation_id=organisation_id,
        kind=MessageKind.ACCOUNT,
        lane=Lane.ORDINARY,
        dedup_key=f"account:{ids.new()}",
        recipient=phone,
        body=body,
        user_id=user_id,
        now=now,
    )
