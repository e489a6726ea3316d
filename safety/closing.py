"""A person closes an alert with words, and says what becomes of the watch."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core.actor import Actor
from core.errors import Conflict
from core.words import AlertKind, WatchState
from models import Alert, Visit, Watch
from safety import alerts, states, watches


def close(
    session: Session,
    actor: Actor,
    alert_id: UUID,
    *,
    words: str,
    rearm_s: int | None,
    now: datetime,
) -> Alert:
    """Close with words. An overdue watch is closed too, or armed again for ``rearm_s``.

    The watch moves first: what it has become is what those who were called will read.

    ``Conflict`` where the alert is closed already, or the watch cannot be re-armed
    because a newer one has taken its place.
    """
    alerts.require_words(words)
    alert = alerts.get(session, actor, alert_id)
    alerts.may_close(actor, alert)
    if rearm_s is not None and alert.kind is not AlertKind.OVERDUE:
        raise Conflict(
            "Only an overdue alert can re-arm its watch: close this one without "
            "rearm_s."
        )
    if alert.visit_id is not None:
        session.get(Visit, alert.visit_id, with_for_update={"key_share": True})
    session.refresh(alert)
    if alert.closed_at is not None:
        raise Conflict("This alert is closed.")
    if alert.kind is AlertKind.OVERDUE and alert.watch_id is not None:
        watch = session.get_one(Watch, alert.watch_id, populate_existing=True)
        _settle(session, actor, watch, rearm_s, now)
    how = "closed_by_person" if rearm_s is None else "rearmed_by_person"
    done = alerts.end(
        session, alert, closed_by=actor.user_id, how=how, words=words, now=now
    )
    if not done:
        raise Conflict("This alert is closed.")
    return alert


def _settle(
    session: Session,
    actor: Actor,
    watch: Watch,
    rearm_s: int | None,
    now: datetime,
) -> None:
    act, due = states.Act.CLOSE_BY_PERSON, None
    if rearm_s is not None:
        act = states.Act.REARM_BY_PERSON
        due = now + timedelta(seconds=rearm_s)
    was_running = watch.state is WatchState.OVERDUE
    moved = watches.move(
        session, watch, act, actor_id=actor.user_id, now=now, due_at=due
    )
    if not moved and rearm_s is not None:
        raise Conflict(
            "A newer watch runs over this collector: close this alert without rearm_s."
        )
    if was_running and rearm_s is None:
        _close_those_behind(session, actor, watch, now)


def _close_those_behind(
    session: Session, actor: Actor, watch: Watch, now: datetime
) -> None:
    """What the closed watch stood for ends with it: nothing stays without a timer."""
    for other in watches.not_closed(session, watch.user_id):
        watches.move(
            session,
            other,
            states.Act.CLOSE_BY_PERSON,
            actor_id=actor.user_id,
            now=now,
        )
