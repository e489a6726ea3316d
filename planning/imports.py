"""Imports: a case file taken, its good lines stored, its bad ones listed."""

import hashlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound
from models import Import, ImportProblem
from models.sealed import ring
from planning import case_files, case_store
from planning.case_files import CaseFile
from planning.case_rows import Problem
from planning.case_store import Fate

Tell = Callable[[int, int], None]
ClockNow = Callable[[Session], datetime]
BATCH = 300  # cases that one round of statements loads and writes
# SQLite has one writer, and who waits for it looks at least every 100 ms
BREATH_S = 0.12
SILENT = timedelta(minutes=1)  # one that has not moved for so long has died


def _nobody(done: int, all_of_them: int) -> None:
    """Nobody watches."""


def take(
    sessions: sessionmaker[Session],
    actor: Actor,
    *,
    content: bytes,
    clock_now: ClockNow,
    tell: Tell = _nobody,
) -> Import:
    """Store every case of a CSV file that has no problem; see ``docs/import.md``.

    ``created``, ``updated`` and ``unchanged`` count cases, ``refused`` counts lines.
    Taking the same file again changes nothing. ``Invalid`` where the file as a whole
    cannot be read: then nothing is stored. ``Conflict`` while another file of the
    organisation is being taken: both may name a new case. Each batch is a transaction
    of its own, between which others write; ``tell`` hears after each how many cases of
    how many are stored.
    """
    found, problems = case_files.cases(content)
    import_id = _begin(sessions, actor, content, problems, clock_now)
    try:
        for first in range(0, len(found), BATCH):
            batch = found[first : first + BATCH]
            _store(sessions, actor, import_id, batch, clock_now)
            tell(min(first + BATCH, len(found)), len(found))
        return _end(sessions, import_id, clock_now, finished=True)
    except BaseException:
        _end(sessions, import_id, clock_now, finished=False)
        raise


def get(session: Session, actor: Actor, import_id: UUID) -> Import:
    """One import of the actor's organisation; ``NotFound`` otherwise."""
    query = select(Import).where(
        Import.id == import_id, Import.organisation_id == actor.organisation_id
    )
    row = session.scalar(query)
    if row is None:
        raise NotFound("import")
    return row


def problems(
    session: Session, actor: Actor, import_id: UUID
) -> Sequence[ImportProblem]:
    """All problems of one import, by line; ``NotFound`` for another's."""
    get(session, actor, import_id)
    query = select(ImportProblem).where(
        ImportProblem.import_id == import_id,
        ImportProblem.organisation_id == actor.organisation_id,
    )
    return session.scalars(query.order_by(ImportProblem.line, ImportProblem.id)).all()


def _begin(
    sessions: sessionmaker[Session],
    actor: Actor,
    content: bytes,
    problems: Sequence[Problem],
    clock_now: ClockNow,
) -> UUID:
    """The import's row: the organisation's only one that runs, by a unique index."""
    try:
        with sessions.begin() as session:
            now = clock_now(session)
            _clear_dead(session, actor, now)
            return _record(session, actor, content, problems, now=now).id
    except IntegrityError as error:
        raise Conflict(
            "Another file of this organisation is being imported: try again when that "
            "is done."
        ) from error


def _clear_dead(session: Session, actor: Actor, now: datetime) -> None:
    """An import whose process died is ended, with the counts of what it stored."""
    query = select(Import).where(
        Import.organisation_id == actor.organisation_id,
        Import.running,
        Import.moved_at < now - SILENT,
    )
    for row in session.scalars(query.with_for_update()):
        row.running = False
        _audit(session, row, "import.broken_off", now=now)
    session.flush()


def _store(
    sessions: sessionmaker[Session],
    actor: Actor,
    import_id: UUID,
    batch: Sequence[CaseFile],
    clock_now: ClockNow,
) -> None:
    """One batch and its counts, then a breath in which others write."""
    with sessions.begin() as session:
        taken = session.get_one(Import, import_id, with_for_update=True)
        if not taken.running:
            raise Conflict("This import stood still for too long and was broken off.")
        now = clock_now(session)
        fates = case_store.store(session, actor.organisation_id, batch, now=now)
        taken.created += fates[Fate.CREATED]
        taken.updated += fates[Fate.UPDATED]
        taken.unchanged += fates[Fate.UNCHANGED]
        taken.moved_at = now
        one_writer = session.get_bind().dialect.name == "sqlite"
    if one_writer:
        time.sleep(BREATH_S)


def _end(
    sessions: sessionmaker[Session],
    import_id: UUID,
    clock_now: ClockNow,
    *,
    finished: bool,
) -> Import:
    """Finished or broken off: the counts say what is stored, the audit says so too."""
    with sessions.begin() as session:
        taken = session.get_one(Import, import_id, with_for_update=True)
        if taken.running:
            now = clock_now(session)
            taken.running = False
            taken.finished_at = now if finished else None
            action = "import.taken" if finished else "import.broken_off"
            _audit(session, taken, action, now=now)
    return taken


def _record(
    session: Session,
    actor: Actor,
    content: bytes,
    problems: Sequence[Problem],
    *,
    now: datetime,
) -> Import:
    plain_digest = hashlib.sha256(content).hexdigest()
    taken = Import(
        organisation_id=actor.organisation_id,
        file_digest=ring.keyring.digest("case_file", plain_digest),
        created_by=actor.user_id,
        created_at=now,
        moved_at=now,
        created=0,
        updated=0,
        unchanged=0,
        refused=len({problem.line for problem in problems}),
    )
    session.add(taken)
    session.flush()
    session.add_all(
        ImportProblem(
            organisation_id=actor.organisation_id,
            import_id=taken.id,
            line=problem.line,
            column=problem.column,
            reason=problem.reason,
        )
        for problem in problems
    )
    return taken


def _audit(session: Session, taken: Import, action: str, *, now: datetime) -> None:
    audit.record(
        session,
        organisation_id=taken.organisation_id,
        actor_id=taken.created_by,
        action=action,
        subject="imports",
        subject_id=taken.id,
        now=now,
        created=taken.created,
        updated=taken.updated,
        unchanged=taken.unchanged,
        refused=taken.refused,
        file_digest=taken.file_digest,
    )
