"""Tell our own people what they should know of, without raising an alert."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids
from core.words import Lane, Language, MessageKind
from models import Organisation, User, Watch


def superseded(session: Session, watch: Watch, *, now: datetime) -> None:
    """Dispatchers learn that a collector checked in elsewhere without checking out."""
    _tell_dispatchers(session, watch, "superseded", watch.id, now=now)


def contact_refused(
    session: Session, watch: Watch, event_id: UUID, *, now: datetime
) -> None:
    """Dispatchers learn that a collector stands at a door where contact is refused."""
    _tell_dispatchers(session, watch, "contact_refused", event_id, now=now)


def wrong_pins(
    session: Session,
    organisation_id: UUID,
    *,
    visit_id: UUID,
    event_id: UUID,
    now: datetime,
) -> None:
    """Safety officers learn, unseen by the phone, that somebody guesses a PIN."""
    body = wording.dispatcher_note(
        what="wrong_pins",
        reference=visit_id.hex[-6:].upper(),
        language=language(session, organisation_id),
    )
    kind = MessageKind.DISPATCHER_NOTE
    for user in staff.on_call(session, organisation_id):
        key = f"wrong_pins:{event_id}:{user.id}"
        _enqueue(session, user, kind, key, body, visit_id=visit_id, now=now)


def pin_changed(session: Session, watch: Watch, *, now: datetime) -> None:
    """Safety officers learn that a PIN was changed while its watch ran."""
    body = wording.dispatcher_note(
        what="pin_changed",
        reference=watch.visit_id.hex[-6:].upper(),
        language=language(session, watch.organisation_id),
    )
    kind, visit_id = MessageKind.DISPATCHER_NOTE, watch.visit_id
    for user in staff.on_call(session, watch.organisation_id):
        key = f"pin_changed:{ids.new()}:{user.id}"
        _enqueue(session, user, kind, key, body, visit_id=visit_id, now=now)


def set_aside(
    session: Session,
    organisation_id: UUID,
    collector_id: UUID,
    *,
    visit_id: UUID,
    now: datetime,
) -> None:
    """Safety officers learn, once for a visit, that a revoked device reports acts."""
    body = wording.dispatcher_note(
        what="set_aside",
        reference=visit_id.hex[-6:].upper(),
        language=language(session, organisation_id),
    )
    kind = MessageKind.DISPATCHER_NOTE
    for user in staff.on_call(session, organisation_id):
        key = f"set_aside:{visit_id}:{collector_id}:{user.id}"
        _enqueue(session, user, kind, key, body, visit_id=visit_id, now=now)


def departed(
    session: Session,
    collector: User,
    buddy: User,
    *,
    visit_id: UUID,
    event_id: UUID,
    now: datetime,
) -> None:
    """The buddy learns who has left and that he counts on him."""
    body = wording.departure(
        name=User.name.readable(collector) or "",
        language=language(session, buddy.organisation_id),
    )
    key = f"departure:{event_id}:{buddy.id}"
    _enqueue(
        session, buddy, MessageKind.DEPARTURE, key, body, visit_id=visit_id, now=now
    )


def withdrawn(
    session: Session,
    collector: User,
    people: list[User],
    *,
    visit_id: UUID,
    event_id: UUID,
    now: datetime,
) -> None:
    """Buddy and dispatchers learn at once that a collector is leaving a door."""
    body = wording.withdrawal(
        name=User.name.readable(collector) or "",
        language=language(session, collector.organisation_id),
    )
    for user in people:
        key = f"withdrawal:{event_id}:{user.id}"
        _enqueue(
            session, user, MessageKind.WITHDRAWAL, key, body, visit_id=visit_id, now=now
        )


def _tell_dispatchers(
    session: Session, watch: Watch, what: str, once_for: UUID, *, now: datetime
) -> None:
    body = wording.dispatcher_note(
        what=what,
        reference=watch.visit_id.hex[-6:].upper(),
        language=language(session, watch.organisation_id),
    )
    for user in staff.dispatchers(session, watch.organisation_id):
        key = f"{what}:{once_for}:{user.id}"
        _enqueue(
            session,
            user,
            MessageKind.DISPATCHER_NOTE,
            key,
            body,
            visit_id=watch.visit_id,
            now=now,
        )


def _enqueue(
    session: Session,
    user: User,
    kind: MessageKind,
    key: str,
    body: str,
    *,
    visit_id: UUID,
    now: datetime,
) -> None:
    phone = User.phone.readable(user)
    if phone is None:
        return
    outbox.enqueue(
        session,
        organisation_id=user.organisation_id,
        kind=kind,
        lane=Lane.ALERT,
        dedup_key=key,
        recipient=phone,
        body=body,
        user_id=user.id,
        visit_id=visit_id,
        now=now,
    )


def language(session: Session, organisation_id: UUID) -> Language:
    """The language in which an organisation's own people are told."""
    organisation = session.get_one(Organisation, organisation_id)
    return wording.staff_language(organisation.country)
