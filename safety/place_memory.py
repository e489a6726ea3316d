"""A place's memory: concerns and reviews as rows that are never changed.

Who marked a place stands in its row alone, for safety officers: neither the audit nor
any refusal names him.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from accounts import audit
from core import instants
from core.actor import Actor
from core.errors import Conflict, NotFound, one_field
from core.words import MarkKind, RiskLevel
from gate import erased, records, risk
from gate.risk import RAISING
from models import Case, Place, PlaceMark, Visit, Visitor, Watch
from safety import place_news

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """What a place is remembered for: its own ``marks``, oldest first.

    ``level`` is in force now, by the marks of all his places of that kind. ``waiting``
    are the ids of marks that no officer has answered yet.
    """

    place: Place
    level: RiskLevel
    marks: Sequence[PlaceMark]
    waiting: frozenset[UUID]


def look(session: Session, actor: Actor, place_id: UUID, *, now: datetime) -> Memory:
    """The memory of one place; ``NotFound`` for another's."""
    place, case = _place(session, actor, place_id)
    known = records.marks(records.of(session, case, place))
    rows = select(PlaceMark).where(PlaceMark.place_id == place.id)
    return Memory(
        place,
        risk.in_force(known, now),
        session.scalars(rows.order_by(PlaceMark.number)).all(),
        frozenset(one.id for one in risk.waiting(known, now)),
    )


def waiting(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[PlaceMark]:
    """Concerns and incidents that wait for a review, oldest first."""
    other = aliased(PlaceMark)
    answered = exists().where(
        other.place_id == PlaceMark.place_id,
        or_(
            and_(other.kind == MarkKind.REVIEW, other.number > PlaceMark.number),
            other.corrects_id == PlaceMark.id,
        ),
    )
    query = select(PlaceMark).where(
        PlaceMark.organisation_id == actor.organisation_id,
        PlaceMark.kind.in_(RAISING),
        ~answered,
    )
    if after is not None:
        query = query.where(PlaceMark.id > after)
    return session.scalars(query.order_by(PlaceMark.id).limit(limit)).all()


def hold(session: Session, actor: Actor, place_id: UUID) -> None:
    """Marks of a place come one after the other; ``NotFound`` for another's."""
    place, _ = _place(session, actor, place_id)
    _lock(session, place)


def state_concern(
    session: Session, actor: Actor, visit_id: UUID, *, words: str, now: datetime
) -> PlaceMark:
    """A collector of that visit does not feel safe at its place: that counts at once.

    ``NotFound`` for a visit that is not his, ``Conflict`` where the borrower was
    erased.
    """
    visit = own_visit(session, actor, visit_id)
    place, _ = _place(session, actor, visit.place_id)
    return mark(
        session,
        actor,
        place,
        kind=MarkKind.CONCERN,
        level=RiskLevel.RAISED,
        ends_at=expiry(now, risk.CONCERN_LASTS),
        words=words,
        visit_id=visit.id,
        now=now,
    )


def review(
    session: Session,
    actor: Actor,
    place_id: UUID,
    *,
    level: RiskLevel,
    ends_at: datetime | None,
    words: str,
    now: datetime,
) -> PlaceMark:
    """An officer answers all that was marked before: this level holds, until then.

    A level above normal ends within 366 days; ``Invalid`` otherwise.
    """
    place, _ = _place(session, actor, place_id)
    _check(level, ends_at, now)
    return mark(
        session,
        actor,
        place,
        kind=MarkKind.REVIEW,
        level=level,
        ends_at=ends_at,
        words=words,
        now=now,
    )


def correct(
    session: Session,
    actor: Actor,
    mark_id: UUID,
    *,
    level: RiskLevel,
    ends_at: datetime | None,
    words: str,
    now: datetime,
) -> PlaceMark:
    """One concern or incident was marked wrongly: it counts like this, or not at all.

    ``Conflict`` for a review (which a new one sets right) and for a correction.
    """
    query = select(PlaceMark).where(
        PlaceMark.id == mark_id, PlaceMark.organisation_id == actor.organisation_id
    )
    wrong = session.scalar(query)
    if wrong is None:
        raise NotFound("mark")
    _check(level, ends_at, now)
    if wrong.kind not in RAISING:
        raise Conflict("Only a concern or an incident is corrected: review the place.")
    place, _ = _place(session, actor, wrong.place_id)
    return mark(
        session,
        actor,
        place,
        kind=MarkKind.CORRECTION,
        level=level,
        ends_at=ends_at,
        words=words,
        corrects_id=wrong.id,
        now=now,
    )


def mark(
    session: Session,
    actor: Actor,
    place: Place,
    *,
    kind: MarkKind,
    level: RiskLevel,
    ends_at: datetime | None,
    words: str | None,
    now: datetime,
    **names: UUID | None,
) -> PlaceMark:
    """One more row after all others; planners hear where more is asked now."""
    case = _lock(session, place)
    erased.refuse(session, case)
    number, at = _newest(session, place)
    at = max(now, at)
    before = _level(session, case, place, at)
    row = PlaceMark(
        organisation_id=actor.organisation_id,
        place_id=place.id,
        kind=kind,
        level=level,
        at=at,
        number=number + 1,
        ends_at=ends_at,
        by=actor.user_id,
        words=words,
        **names,
    )
    session.add(row)
    session.flush()
    _record(session, row, now)
    if risk.RANK[_level(session, case, place, at)] > risk.RANK[before]:
        place_news.raised(session, row, case.borrower_id, place, now=now)
    return row


def expiry(now: datetime, lasts: timedelta) -> datetime:
    """The midnight (UTC) after that: no end tells at which hour a mark was made."""
    last = (now.astimezone(UTC) + lasts + DAY).date()
    return datetime.combine(last, time(0), UTC)


def _level(session: Session, case: Case, place: Place, now: datetime) -> RiskLevel:
    return risk.in_force(records.marks(records.of(session, case, place)), now)


def _newest(session: Session, place: Place) -> tuple[int, datetime]:
    """The number and the instant of the last of the place's marks."""
    query = select(PlaceMark.number, PlaceMark.at).where(PlaceMark.place_id == place.id)
    found = session.execute(query.order_by(PlaceMark.number.desc()).limit(1)).first()
    return (found.number, found.at) if found else (0, instants.EARLIEST)


def _place(session: Session, actor: Actor, place_id: UUID) -> tuple[Place, Case]:
    query = (
        select(Place, Case)
        .join(Case, Case.id == Place.case_id)
        .where(Place.id == place_id, Place.organisation_id == actor.organisation_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound("place")
    return found.Place, found.Case


def _lock(session: Session, place: Place) -> Case:
    """The case, which an erasure and a plan hold as well, and then the place."""
    case = session.get_one(Case, place.case_id, with_for_update={"key_share": True})
    session.get_one(Place, place.id, with_for_update={"key_share": True})
    return case


def own_visit(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    """One that he was sent to, or where he has stood."""
    mine = [
        exists().where(one.visit_id == Visit.id, one.user_id == actor.user_id)
        for one in (Visitor, Watch)
    ]
    query = select(Visit).where(
        Visit.id == visit_id,
        Visit.organisation_id == actor.organisation_id,
        or_(*mine),
    )
    visit = session.scalar(query)
    if visit is None:
        raise NotFound("visit")
    return visit


def _check(level: RiskLevel, ends_at: datetime | None, now: datetime) -> None:
    if level is RiskLevel.NORMAL:
        if ends_at is not None:
            raise one_field("ends_at", "a normal level has no end")
    elif ends_at is None or not now < ends_at <= now + risk.REVIEW_LASTS:
        days = risk.REVIEW_LASTS.days
        raise one_field("ends_at", f"must be within {days} days from now")


def _record(session: Session, row: PlaceMark, now: datetime) -> None:
    """Officers sign; who stated a concern or reported an incident is named nowhere."""
    audit.record(
        session,
        organisation_id=row.organisation_id,
        actor_id=None if row.kind in RAISING else row.by,
        action=f"place.{row.kind.value}",
        subject="place_marks",
        subject_id=row.id,
        now=now,
        place_id=row.place_id,
        level=row.level,
        ends_at=row.ends_at,
    )
