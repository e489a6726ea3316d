"""What is known of the one in danger: for whoever goes, calls or sends help."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import EventKind
from models import Alert, Place, User, Visit, WatchEvent
from safety import asides, colleagues

BEFORE = timedelta(hours=12)  # an older position says nothing about now


@dataclass(frozen=True, slots=True)
class Situation:
    """``said`` are the SOS with words; ``fixes``: acts with a position, newest first.

    ``last_act`` is the newest act at a visit, with or without one.
    ``set_aside`` are the acts of a device that was reported lost; its SOS is none.

    Personal values of these rows are to be read with ``readable``: one that is damaged
    must not hide the others.
    """

    collector: User
    visit: Visit | None
    place: Place | None
    buddy: User | None
    partners: tuple[User, ...]
    said: tuple[WatchEvent, ...]
    fixes: tuple[WatchEvent, ...]
    last_act: WatchEvent | None
    set_aside: tuple[WatchEvent, ...]

    @property
    def last_fix(self) -> WatchEvent | None:
        """The newest act with a position."""
        return next(iter(self.fixes), None)


def of(session: Session, alert: Alert) -> Situation:
    """As it stands now, whether the alert is open or closed."""
    visit = session.get_one(Visit, alert.visit_id) if alert.visit_id else None
    events = _events(session, alert)
    with_words = (one for one in events if one.kind is EventKind.SOS)
    return Situation(
        collector=session.get_one(User, alert.user_id),
        visit=visit,
        place=session.get_one(Place, visit.place_id) if visit else None,
        buddy=session.get_one(User, alert.buddy_id) if alert.buddy_id else None,
        partners=_people(session, colleagues.partners(session, alert)),
        said=tuple(one for one in with_words if one.words_sealed is not None),
        fixes=tuple(one for one in reversed(events) if one.position_sealed),
        last_act=next(
            (
                one
                for one in reversed(events)
                if one.visit_id and not asides.is_one(one)
            ),
            None,
        ),
        set_aside=tuple(one for one in events if asides.is_one(one)),
    )


def _events(session: Session, alert: Alert) -> list[WatchEvent]:
    """What his phone has reported lately, oldest first; none after the closing."""
    query = select(WatchEvent).where(
        WatchEvent.user_id == alert.user_id,
        WatchEvent.received_at >= alert.opened_at - BEFORE,
    )
    if alert.closed_at is not None:
        query = query.where(WatchEvent.received_at <= alert.closed_at)
    return list(session.scalars(query.order_by(WatchEvent.received_at)))


def _people(session: Session, user_ids: set[UUID]) -> tuple[User, ...]:
    query = select(User).where(User.id.in_(user_ids)).order_by(User.id)
    return tuple(session.scalars(query))
