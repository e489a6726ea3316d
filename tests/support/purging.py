"""Purges as the tests run them, and what they look at afterwards."""

from sqlalchemy import func, select

from core.words import AlertKind, Role
from models import WatchEvent
from safety import closing, named_holds, purging
from tests.support.make import HANGZHOU
from tests.support.street import Street


def purge(street: Street) -> dict[str, int]:
    """One run; what went, by kind."""
    sessions, now = street.database.sessions, street.make.clock.now
    organisation_id = street.organisation.id
    street.session.commit()  # after it nothing is read: SQLite has one writer
    done = purging.run(sessions, organisation_id, clock_now=now)
    street.session.expire_all()
    return {kind.value: count for kind, count in done.items() if count}


def preview(street: Street) -> dict[str, int]:
    """What a run would take."""
    now = street.make.clock.now()
    found = purging.preview(street.session, street.organisation.id, now=now)
    street.session.commit()
    return {kind.value: count for kind, count in found.items() if count}


def hold(street: Street, **subject: object):  # type: ignore[no-untyped-def]
    """A named hold by an auditor."""
    actor = street.make.actor(street.make.user(street.organisation, Role.AUDITOR))
    now = street.make.clock.now()
    subject = {"case_id": None, "alert_id": None, **subject}
    return named_holds.place(
        street.session, actor, name="inquiry-7", now=now, **subject
    )  # type: ignore[arg-type]


def sos(street: Street):  # type: ignore[no-untyped-def]
    """Chen called for help, and a safety officer closed it with words."""
    street.phone(street.chen).sos(position=HANGZHOU)
    street.forward(seconds=1)
    return close(street)


def close(street: Street):  # type: ignore[no-untyped-def]
    """A safety officer ends the call for help with words."""
    [alert] = street.alerts(AlertKind.SOS)
    closing.close(
        street.session,
        street.make.actor(street.officer),
        alert.id,
        words="he is at home",
        rearm_s=None,
        now=street.make.clock.now(),
    )
    street.session.commit()
    return alert


def positions(street: Street) -> int:
    """Events that still say where somebody was."""
    query = select(func.count(WatchEvent.id))
    return street.session.scalar(query.where(WatchEvent.position_sealed.is_not(None)))  # type: ignore[return-value]
