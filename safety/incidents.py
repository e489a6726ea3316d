"""Incidents: what befell one of our own; corrected by new rows, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import Harm, IncidentCategory, MarkKind, RiskLevel, Role
from gate import erased, risk
from models import Alert, Case, Incident, Place, PlaceMark, Visit
from safety import alerts, place_memory


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody says of it. ``attachments``: ``sha256`` and ``bytes`` of each."""

    category: IncidentCategory
    harm: Harm
    happened_at: datetime
    words: str
    attachments: Sequence[object]

    @property
    def level(self) -> RiskLevel:
        """What it asks for at its place."""
        return risk.of_incident(self.category, self.harm)


def report(
    session: Session,
    actor: Actor,
    account: Account,
    *,
    alert_id: UUID | None,
    visit_id: UUID | None,
    place_id: UUID | None,
    now: datetime,
) -> Incident:
    """Keep it; its place asks for more at once, until an officer has reviewed it.

    The visit follows from the alert, the place from the visit. ``NotFound`` for what
    the actor may not see: a collector names his own visits and no place.
    """
    alert = alerts.get(session, actor, alert_id) if alert_id else None
    visit = _visit(session, actor, visit_id or (alert.visit_id if alert else None))
    _check(account, now)
    _agree("visit_id", visit_id, alert.visit_id if alert else None)
    _agree("place_id", place_id, visit.place_id if visit else None)
    place = _place(session, actor, visit, place_id)
    row = _row(actor, account, now, alert=alert, visit=visit, place=place)
    session.add(row)
    session.flush()
    _record(session, "incident.reported", row, None, now)
    if place is not None:
        _raise(session, actor, place, row, level=account.level, now=now)
    return row


def correct(
    session: Session,
    actor: Actor,
    incident_id: UUID,
    account: Account,
    *,
    now: datetime,
) -> Incident:
    """A new version instead of the newest; ``Conflict`` where that was another one."""
    old = _one(session, actor, incident_id)
    _check(account, now)
    row = _row(actor, account, now)
    row.first_id, row.corrects_id = old.first_id or old.id, old.id
    row.alert_id, row.visit_id, row.place_id = old.alert_id, old.visit_id, old.place_id
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(
            "This report was corrected already: correct its newest version."
        ) from None
    _record(session, "incident.corrected", row, actor.user_id, now)
    if old.place_id is not None:
        before = risk.of_incident(old.category, old.harm)
        _judge_again(session, actor, row, before, level=account.level, now=now)
    return row


def versions(
    session: Session, actor: Actor, incident_id: UUID
) -> tuple[Sequence[Incident], UUID | None]:
    """All versions, oldest first, and the case of its place; ``NotFound`` otherwise."""
    one = _one(session, actor, incident_id)
    first = one.first_id or one.id
    query = select(Incident).where(
        Incident.organisation_id == actor.organisation_id,
        or_(Incident.id == first, Incident.first_id == first),
    )
    place = session.get_one(Place, one.place_id) if one.place_id else None
    found = session.scalars(query.order_by(Incident.id)).all()
    return found, place.case_id if place else None


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Incident]:
    """Newest versions, oldest first."""
    query = _newest().where(Incident.organisation_id == actor.organisation_id)
    if after is not None:
        query = query.where(Incident.id > after)
    return session.scalars(query.order_by(Incident.id).limit(limit)).all()


def of_place(session: Session, place: Place) -> Sequence[Incident]:
    """What has happened at his places of that kind, newest first."""
    his = select(Case.borrower_id).where(Case.id == place.case_id).scalar_subquery()
    places = (
        select(Place.id)
        .join(Case, Case.id == Place.case_id)
        .where(Case.borrower_id == his, Place.kind == place.kind)
    )
    query = _newest().where(
        Incident.organisation_id == place.organisation_id,
        Incident.place_id.in_(places),
    )
    return session.scalars(query.order_by(Incident.happened_at.desc())).all()


def _newest() -> Select[Incident]:
    later = aliased(Incident)
    return select(Incident).where(
        ~exists().where(later.corrects_id == Incident.id),
    )


def _row(
    actor: Actor,
    account: Account,
    now: datetime,
    *,
    alert: Alert | None = None,
    visit: Visit | None = None,
    place: Place | None = None,
) -> Incident:
    return Incident(
        organisation_id=actor.organisation_id,
        alert_id=alert.id if alert else None,
        visit_id=visit.id if visit else None,
        place_id=place.id if place else None,
        category=account.category,
        harm=account.harm,
        happened_at=account.happened_at,
        words=account.words,
        attachments=list(account.attachments),
        reported_by=actor.user_id,
        reported_at=now,
    )


def _check(account: Account, now: datetime) -> None:
    if account.happened_at > now:
        raise one_field("happened_at", "must not be in the future")


def _agree(field: str, given: UUID | None, follows: UUID | None) -> None:
    if given is not None and follows is not None and given != follows:
        raise one_field(field, "is not that of the alert or of the visit")


def _visit(session: Session, actor: Actor, visit_id: UUID | None) -> Visit | None:
    if visit_id is None:
        return None
    if actor.role is Role.COLLECTOR:
        return place_memory.own_visit(session, actor, visit_id)
    query = select(Visit).where(
        Visit.id == visit_id, Visit.organisation_id == actor.organisation_id
    )
    if (visit := session.scalar(query)) is None:
        raise NotFound("visit")
    return visit


def _place(
    session: Session, actor: Actor, visit: Visit | None, place_id: UUID | None
) -> Place | None:
    if visit is not None:
        return session.get_one(Place, visit.place_id)
    if place_id is None:
        return None
    query = select(Place).where(
        Place.id == place_id, Place.organisation_id == actor.organisation_id
    )
    place = None if actor.role is Role.COLLECTOR else session.scalar(query)
    if place is None:
        raise NotFound("place")
    return place


def _one(session: Session, actor: Actor, incident_id: UUID) -> Incident:
    query = select(Incident).where(
        Incident.id == incident_id, Incident.organisation_id == actor.organisation_id
    )
    if (found := session.scalar(query)) is None:
        raise NotFound("incident")
    return found


def _raise(
    session: Session,
    actor: Actor,
    place: Place,
    row: Incident,
    *,
    level: RiskLevel,
    now: datetime,
) -> None:
    """Nobody goes to an erased borrower any more: there is nothing left to ask for."""
    case = session.get_one(Case, place.case_id)
    if level is RiskLevel.NORMAL or erased.is_one(session, case):
        return
    place_memory.mark(
        session,
        actor,
        place,
        kind=MarkKind.INCIDENT,
        level=level,
        ends_at=place_memory.expiry(now, risk.INCIDENT_LASTS),
        words=None,
        incident_id=row.id,
        visit_id=row.visit_id,
        now=now,
    )


def _judge_again(
    session: Session,
    actor: Actor,
    row: Incident,
    before: RiskLevel,
    *,
    level: RiskLevel,
    now: datetime,
) -> None:
    """Worse than was said: a mark of its own, to be reviewed. Less: the marks are."""
    place = session.get_one(Place, row.place_id)
    if risk.RANK[level] > risk.RANK[before]:
        return _raise(session, actor, place, row, level=level, now=now)
    case = session.get_one(Case, place.case_id)
    if level is before or erased.is_one(session, case):
        return None
    first = or_(Incident.id == row.first_id, Incident.first_id == row.first_id)
    marks = select(PlaceMark).where(
        PlaceMark.place_id == place.id,
        PlaceMark.incident_id.in_(select(Incident.id).where(first)),
    )
    for mark in session.scalars(marks).all():
        place_memory.mark(
            session,
            actor,
            place,
            kind=MarkKind.CORRECTION,
            level=level,
            ends_at=None if level is RiskLevel.NORMAL else mark.ends_at,
            words=None,
            corrects_id=mark.id,
            now=now,
        )
    return None


def _record(
    session: Session, action: str, row: Incident, by: UUID | None, now: datetime
) -> None:
    """Who reported it stands in its row alone; officers sign what they correct."""
    audit.record(
        session,
        organisation_id=row.organisation_id,
        actor_id=by,
        action=action,
        subject="incidents",
        subject_id=row.id,
        now=now,
        category=row.category,
        harm=row.harm,
    )
