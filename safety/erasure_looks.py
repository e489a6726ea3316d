"""How it stands with an erasure: what is in its way, what would go, what would stay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from core.actor import Actor
from core.words import VisitState
from gate import retention
from models import (
    Alert,
    Case,
    Erasure,
    Import,
    Message,
    NamedHold,
    Organisation,
    Visit,
    Visitor,
    Watch,
)
from safety import borrower_files, borrower_rows
from safety.borrower_rows import Person, Rows
from safety.erasure_rules import HIMSELF, KEEPINGS, TAKINGS, Keeping

ON_THE_WAY = timedelta(hours=12)  # after its window nobody is still coming
PLANNED = (VisitState.PROPOSED, VisitState.ASSIGNED, VisitState.PUBLISHED)
WHY: Mapping[str, str] = {
    "visit_under_way": "Somebody is on the way to him, or at his door: erase him when "
    "the visit is over.",
    "kept": "An alert or a named hold keeps this file: ask a safety officer or an "
    "auditor.",
    "import_running": "A case file is being taken, and he may stand in it: erase him "
    "when that is done.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What an erasure would take and leave, or has taken and left.

    ``obstacles`` are codes of ``WHY``; ``goes`` counts rows by table; ``stays`` has
    ``table``, ``count`` and ``until``, a day; ``called_off`` counts planned visits.
    """

    borrower_id: UUID
    erased_at: datetime | None
    obstacles: Sequence[str]
    goes: Mapping[str, object]
    stays: Sequence[object]
    called_off: int


def look(
    session: Session, actor: Actor, borrower_id: UUID, *, now: datetime
) -> Standing:
    """How it stands with one borrower; nothing is changed. ``NotFound`` otherwise."""
    borrower = borrower_files.get(session, actor, borrower_id)
    receipt = session.scalar(select(Erasure).where(Erasure.borrower_id == borrower.id))
    if receipt is not None:
        return Standing(
            *(borrower.id, receipt.at, ()),
            *(receipt.counts, receipt.kept, receipt.called_off),
        )
    person = Person(actor.organisation_id, borrower.id)
    planned = select(func.count(Visit.id)).where(
        borrower_rows.of(Visit, person), Visit.state.in_(PLANNED)
    )
    return Standing(
        *(borrower.id, None, tuple(obstacles(session, person, now))),
        *(_going(session, person), staying(session, person, now)),
        session.scalar(planned) or 0,
    )


def explained(code: str) -> dict[str, str]:
    """An obstacle for people: ``code`` and ``detail``."""
    return {"code": code, "detail": WHY[code]}


def obstacles(session: Session, person: Person, now: datetime) -> Iterator[str]:
    """Why he cannot be erased now, as codes; for a duress as for any other alert."""
    if any(_any(session, model, why) for model, why in _under_way(person, now)):
        yield "visit_under_way"
    watches = select(Watch.id).where(borrower_rows.of(Watch, person))
    his = or_(Alert.visit_id.in_(person.visits), Alert.watch_id.in_(watches))
    alerts = select(Alert.id).where(his)
    named = or_(NamedHold.case_id.in_(person.cases), NamedHold.alert_id.in_(alerts))
    still_open = and_(his, Alert.closed_at.is_(None))
    standing = and_(named, NamedHold.lifted_at.is_(None))
    if _any(session, Alert, still_open) or _any(session, NamedHold, standing):
        yield "kept"
    mine = Import.organisation_id == person.organisation_id
    if _any(session, Import, and_(mine, Import.running)):
        yield "import_running"


def _under_way(
    person: Person, now: datetime
) -> Iterator[tuple[Rows, ColumnElement[bool]]]:
    """A visit that runs, a watch at his door, somebody who has left for it."""
    visits, state = borrower_rows.of(Visit, person), Visit.state
    yield Visit, and_(visits, state == VisitState.UNDER_WAY)
    yield Watch, and_(borrower_rows.of(Watch, person), Watch.closed_at.is_(None))
    expected = select(Visit.id).where(
        visits, state.in_(PLANNED), Visit.planned_end > now - ON_THE_WAY
    )
    yield (
        Visitor,
        and_(
            Visitor.visit_id.in_(expected),
            Visitor.active,
            Visitor.departed_at.is_not(None),
        ),
    )


def _any(session: Session, model: Rows, condition: ColumnElement[bool]) -> bool:
    return session.scalar(select(model.id).where(condition).limit(1)) is not None


def _going(session: Session, person: Person) -> dict[str, object]:
    """How many rows of each table say something that an erasure takes."""
    found: dict[str, object] = {}
    filled = or_(
        Message.body_sealed.is_not(None), Message.recipient_sealed.is_not(None)
    )
    found["messages"] = _count(session, Message, person, filled)
    for taking in (*TAKINGS, HIMSELF):
        name = taking.model.__tablename__
        found[name] = _count(session, taking.model, person, taking.due)
    return found


def _count(
    session: Session,
    model: Rows,
    person: Person,
    condition: ColumnElement[bool],
) -> int:
    mine = borrower_rows.of(model, person)
    return session.scalar(select(func.count(model.id)).where(mine, condition)) or 0


def staying(session: Session, person: Person, now: datetime) -> list[object]:
    """What the law keeps: how many of each table, and until which day."""
    organisation = session.get_one(Organisation, person.organisation_id)
    records = retention.records(organisation.country)
    found = [(one, *_youngest(session, person, one, now)) for one in KEEPINGS]
    return [
        {
            "table": one.model.__tablename__,
            "count": count,
            "until": (since + records).date().isoformat(),
        }
        for one, count, since in found
        if count
    ]


def _youngest(
    session: Session, person: Person, keeping: Keeping, now: datetime
) -> tuple[int, datetime]:
    """How many, and since when the youngest is kept."""
    model = keeping.model
    column = getattr(model, keeping.since) if keeping.since else literal(None)
    query = select(func.count(model.id), func.max(column)).where(
        borrower_rows.of(model, person)
    )
    count, since = session.execute(query).one()
    return count, since or _closed(session, person, now)


def _closed(session: Session, person: Person, now: datetime) -> datetime:
    """When the last of his cases was closed; now, where one is open."""
    query = select(Case.closed_at).where(borrower_rows.of(Case, person))
    return max((at or now for at in session.scalars(query)), default=now)
