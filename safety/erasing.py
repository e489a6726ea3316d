"""Erasure: what we know of one borrower goes, in one transaction with its receipt.

His row stays without anything personal, found by a keyed digest, so that no file brings
him back; rows that others refer to stay with their ids. What the law keeps stays until
its time has come, and a purge takes it then.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Delete,
    String,
    Update,
    and_,
    cast,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from accounts import audit, repeats
from contact import outbox
from contact.clearances import TO_BORROWERS
from core.actor import Actor
from core.errors import Conflict
from models import (
    Borrower,
    BorrowerHold,
    Case,
    Consent,
    Erasure,
    Import,
    ImportChunk,
    Payment,
    Place,
    Visit,
    claims,
)
from safety import borrower_files, borrower_rows, erasure_looks, named_holds
from safety.borrower_rows import Person, Rows
from safety.erasure_rules import HIMSELF, TAKINGS, Taking

NAMED = (Borrower, Case, Place, Visit, BorrowerHold, Consent, Payment)


def hold(session: Session, actor: Actor, borrower_id: UUID) -> None:
    """From now on nothing about him moves but a call for help; ``NotFound``.

    Whoever places a named hold, imports, plans, pays or departs waits, or is waited
    for: him, then the organisation, his cases, his visits.
    """
    person = Person(actor.organisation_id, borrower_id)
    _lock(session, Borrower, person)
    borrower_files.get(session, actor, borrower_id)
    named_holds.lock(session, actor.organisation_id)
    _lock(session, Case, person)
    _lock(session, Visit, person)


def require(
    session: Session, actor: Actor, borrower_id: UUID, *, now: datetime
) -> None:
    """``Conflict`` with every reason why he cannot be erased now."""
    person = Person(actor.organisation_id, borrower_id)
    found = list(erasure_looks.obstacles(session, person, now))
    if found:
        raise Conflict(
            " ".join(erasure_looks.WHY[code] for code in found),
            obstacles=[erasure_looks.explained(code) for code in found],
        )


def planned(session: Session, actor: Actor, borrower_id: UUID) -> Sequence[UUID]:
    """Visits to him that have not begun, oldest first."""
    person = Person(actor.organisation_id, borrower_id)
    query = select(Visit.id).where(
        borrower_rows.of(Visit, person), Visit.state.in_(erasure_looks.PLANNED)
    )
    return session.scalars(query.order_by(Visit.id)).all()


def erase(
    session: Session,
    actor: Actor,
    borrower_id: UUID,
    *,
    called_off: int,
    now: datetime,
) -> Erasure:
    """Take everything and write the receipt.

    The caller holds him and has called off so many visits. His cases are closed, so
    that what is kept ages from today.
    """
    person = Person(actor.organisation_id, borrower_id)
    _close(session, person, now)
    kept = erasure_looks.staying(session, person, now)
    counts: dict[str, object] = {"messages": _messages(session, person, now)}
    counts["kept_answers"] = repeats.forget_about(
        session, person.organisation_id, _ids(session, person)
    )
    counts["import_chunks"] = _pieces(session, person)
    for taking in (*TAKINGS, HIMSELF):
        counts[taking.model.__tablename__] = _take(session, person, taking, now)
    receipt = Erasure(
        organisation_id=person.organisation_id,
        borrower_id=borrower_id,
        asked_by=actor.user_id,
        counts=counts,
        kept=kept,
        called_off=called_off,
        at=now,
    )
    session.add(receipt)
    session.flush()
    session.expire_all()
    _audit(session, actor, receipt)
    return receipt


def page(
    session: Session, actor: Actor, *, after: UUID | None, limit: int
) -> Sequence[Erasure]:
    """At most ``limit`` receipts after that id, oldest first."""
    query = select(Erasure).where(Erasure.organisation_id == actor.organisation_id)
    if after is not None:
        query = query.where(Erasure.id > after)
    return session.scalars(query.order_by(Erasure.id).limit(limit)).all()


def _lock(session: Session, model: Rows, person: Person) -> None:
    query = select(model).where(borrower_rows.of(model, person)).order_by(model.id)
    query = query.execution_options(populate_existing=True)
    session.scalars(query.with_for_update(key_share=True)).all()


def _close(session: Session, person: Person, now: datetime) -> None:
    close = update(Case).where(borrower_rows.of(Case, person))
    values = {"closed_at": func.coalesce(Case.closed_at, now), "updated_at": now}
    _run(session, close.values(**values))


def _messages(session: Session, person: Person, now: datetime) -> int:
    return outbox.wipe_for_visits(
        session, person.organisation_id, person.visits, kinds=TO_BORROWERS, now=now
    )


def _ids(session: Session, person: Person) -> set[UUID]:
    """By which an answer that was kept can be about him."""
    queries = (select(one.id).where(borrower_rows.of(one, person)) for one in NAMED)
    return {row_id for query in queries for row_id in session.scalars(query)}


def _pieces(session: Session, person: Person) -> int:
    """Pieces that broken imports have left: in which of them he stands nobody knows.

    A file that has begun to arrive since the look at what is in the way keeps its own.
    """
    own = Import.organisation_id == person.organisation_id
    ended = select(Import.id).where(own, ~Import.running)
    left = delete(ImportChunk).where(
        ImportChunk.organisation_id == person.organisation_id,
        ImportChunk.import_id.in_(ended),
    )
    return claims.changed(session, left)


def _take(session: Session, person: Person, taking: Taking, now: datetime) -> int:
    model = taking.model
    these = and_(borrower_rows.of(model, person), taking.due)
    if not taking.clears:
        return _run(session, delete(model).where(these))
    values = {**dict.fromkeys(taking.clears), **taking.with_it}
    values |= {name: _own_id(model) for name in taking.renamed}
    if taking is HIMSELF:
        values["erased_at"] = now
    return _run(session, update(model).where(these).values(**values))


def _own_id(model: Rows) -> ColumnElement[str]:
    return literal("erased-") + cast(model.id, String)


def _run(session: Session, change: Update | Delete) -> int:
    options = {"synchronize_session": False}
    return claims.changed(session, change.execution_options(**options))


def _audit(session: Session, actor: Actor, receipt: Erasure) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="borrower.erased",
        subject="borrowers",
        subject_id=receipt.borrower_id,
        now=receipt.at,
        erasure_id=receipt.id,
        called_off=receipt.called_off,
        **receipt.counts,
    )
