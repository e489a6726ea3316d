"""SOS: stored, opened and sent on its way in one transaction that waits for nobody.

It takes no row lock that ordinary work holds, and nothing about the visit, the badge,
the hour or the token can refuse it.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.words import ActResult, AlertEntryKind, AlertKind, WatchState
from models import Alert, Visitor, Watch
from safety import acts, alerts, companions
from safety.acts import Act
from safety.reports import Answer, Report


def raise_alarm(
    session: Session, actor: Actor, report: Report, *, now: datetime
) -> Answer:
    """Open an SOS alert, or stir up the one that is open already.

    From a revoked device too: it is marked, and its answer tells of no watch.
    """
    act, before = acts.begin(session, actor, report, now=now).repeated()
    if before is not None:
        return before
    act = replace(act, report=_own_visit(session, actor, act.report))
    watch = _running(session, actor)
    # stored first: the position in it says who is near
    told = None if actor.device_revoked else watch
    answer = act.finish(told, result=ActResult.OK, leave_now=True)
    alert = _open_sos(session, actor)
    if alert is None or not _stir(act, alert):
        _open(act, watch)
    return answer


def _own_visit(session: Session, actor: Actor, report: Report) -> Report:
    """A visit that is not his own is left out; the SOS stands without it."""
    own = select(Visitor.id).where(
        Visitor.organisation_id == actor.organisation_id,
        Visitor.user_id == actor.user_id,
        Visitor.visit_id == report.visit_id,
    )
    known = report.visit_id is not None and session.scalar(own.limit(1)) is not None
    return report if known else replace(report, visit_id=None)


def _running(session: Session, actor: Actor) -> Watch | None:
    query = select(Watch).where(
        Watch.user_id == actor.user_id,
        Watch.state.in_([WatchState.ARMED, WatchState.OVERDUE]),
    )
    return session.scalars(query.order_by(Watch.id.desc()).limit(1)).first()


def _open_sos(session: Session, actor: Actor) -> Alert | None:
    query = select(Alert).where(
        Alert.user_id == actor.user_id,
        Alert.kind == AlertKind.SOS,
        Alert.closed_at.is_(None),
    )
    return session.scalars(query).first()


def _open(act: Act, watch: Watch | None) -> None:
    """On the way to a door the departure says where to, with whom, and who counts."""
    visit_id = watch.visit_id if watch else act.report.visit_id
    departure = companions.departure(
        act.session, act.who, visit_id=visit_id, now=act.now
    )
    buddy_id = watch.buddy_id if watch else None
    if departure is not None:
        visit_id = visit_id or departure.visit_id
        buddy_id = buddy_id or departure.buddy_id
    alerts.open_for(
        act.session,
        organisation_id=act.actor.organisation_id,
        kind=AlertKind.SOS,
        dedup_key=f"sos:{act.who}:{act.report.event_id}",
        user_id=act.who,
        watch_id=watch.id if watch else None,
        buddy_id=buddy_id,
        visit_id=visit_id,
        from_revoked_device=act.actor.device_revoked,
        now=act.now,
    )


def _stir(act: Act, alert: Alert) -> bool:
    """A second SOS ends any pause; False: a new alert is called for."""
    return alerts.stir(
        act.session,
        alert,
        AlertEntryKind.REPEATED_SOS,
        from_revoked_device=act.actor.device_revoked,
        now=act.now,
    )
