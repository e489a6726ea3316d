"""Tell our own people what they should know of, without raising an alert."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from accounts import staff
from contact import outbox, wording
from core import ids
from core.words import Lane, Language, MessageKind
from models import Organisation, User, Watch
from safety import on_call

NOTE = MessageKind.DISPATCHER_NOTE


def superseded(session: Session, watch: Watch, *, now: datetime) -> None:
    """Dispatchers learn that a collector checked in elsewhere without checking out."""
    _tell_dispatchers(session, watch, "superseded", watch.id, now=now)


def contact_refused(
    session: Session, watch: Watch, event_id: UUID, *, now: datetime
) -> None:
    """Dispatchers learn that a collector stands at a door where contact is refused."""
    _tell_dispatchers(session, watch, "contact_refused", event_id, now=now)


def pin_changed(session: Session, watch: Watch, *, now: datetime) -> None:
    """Safety officers learn that a PIN was changed while its watch ran."""
    body = wording.dispatcher_note(
        what="pin_changed",
        reference=ids.short(watch.visit_id),
        language=language(session, watch.organisation_id),
    )
    people, once = on_call.of(session, watch.organisation_id, None, now=now), ids.new()
    _tell(
        session,
        people,
        NOTE,
        f"pin_changed:{once}",
        body,
        visit_id=watch.visit_id,
        now=now,
    )


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
        reference=ids.short(visit_id),
        language=language(session, organisation_id),
    )
    people = on_call.of(session, organisation_id, None, now=now)
    once = f"set_aside:{visit_id}:{collector_id}"
    _tell(session, people, NOTE, once, body, visit_id=visit_id, now=now)


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
    kind, once = MessageKind.DEPARTURE, f"departure:{event_id}"
    _tell(session, [buddy], kind, once, body, visit_id=visit_id, now=now)


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
    kind, once = MessageKind.WITHDRAWAL, f"withdrawal:{event_id}"
    _tell(session, people, kind, once, body, visit_id=visit_id, now=now)


def _tell_dispatchers(
    session: Session, watch: Watch, what: str, once_for: UUID, *, now: datetime
) -> None:
    body = wording.dispatcher_note(
        what=what,
        reference=ids.short(watch.visit_id),
        language=language(session, watch.organisation_id),
    )
    _tell(
        session,
        staff.dispatchers(session, watch.organisation_id),
        NOTE,
        f"{what}:{once_for}",
        body,
        visit_id=watch.visit_id,
        now=now,
    )


def _tell(
    session: Session,
    people: list[User],
    kind: MessageKind,
    once: str,
    body: str,
    *,
    visit_id: UUID,
    now: datetime,
) -> None:
    """Everyone whose phone can be read, each once."""
    if not people:
        return
    outbox.enqueue_for_all(
        session,
        people,
        organisation_id=people[0].organisation_id,
        kind=kind,
        lane=Lane.ALERT,
        once=once,
        body=body,
        visit_id=visit_id,
        now=now,
    )


def language(session: Session, organisation_id: UUID) -> Language:
    """The language in which an organisation's own people are told."""
    organisation = session.get_one(Organisation, organisation_id)
    return wording.staff_language(organisation.country)
