"""Imports: a case file received as a job, its progress, and what was wrong with it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts import audit
from core.actor import Actor
from core.errors import Conflict, NotFound
from models import Import, ImportProblem, database, wake
from models.sealed import ring
from planning import import_files
from planning.case_formats import Probe

ClockNow = Callable[[Session], datetime]
SILENT = timedelta(minutes=1)  # a file that has not grown for so long never will
MOST_PROBLEMS = 1_000  # that are kept and listed of one file


class State(StrEnum):
    """How far an import is."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    BROKEN_OFF = "broken_off"


def state(row: Import) -> State:
    """Read off the row; a worker that died leaves it *running* until another comes."""
    if row.finished_at is not None:
        return State.DONE
    if not row.running:
        return State.BROKEN_OFF
    if row.rows is None:
        return State.RECEIVING
    return State.RUNNING if row.leased_by or row.rows_read else State.WAITING


def receive(
    sessions: sessionmaker[Session],
    actor: Actor,
    *,
    chunks: Iterable[bytes],
    dry_run: bool,
    clock_now: ClockNow,
) -> UUID:
    """Keep a case file for a worker to take; see ``docs/import.md``.

    ``created``, ``updated`` and ``unchanged`` will count cases, ``refused`` lines.
    ``Invalid`` where the file as a whole cannot be read: then nothing is kept.
    ``Conflict`` while another file of the organisation is on its way: both may name a
    new case. With ``dry_run`` everything is counted and no case is stored.
    """
    import_id = _begin(sessions, actor, dry_run, clock_now)
    probe, digest = Probe(), hashlib.sha256()
    try:
        probe.watch(_kept(sessions, import_id, chunks, digest.update, clock_now))
        form = probe.format()
        with sessions.begin() as session:
            row = session.get_one(Import, import_id, with_for_update=True)
            row.rows, row.format = probe.rows, form.as_json()
            row.file_digest = ring.keyring.digest("case_file", digest.hexdigest())
            row.moved_at = clock_now(session)
            wake.workers(session)
    except BaseException:
        _forget(sessions, import_id)
        raise
    return import_id


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
    """The first problems of one import, by line; ``NotFound`` for another's."""
    get(session, actor, import_id)
    query = select(ImportProblem).where(
        ImportProblem.import_id == import_id,
        ImportProblem.organisation_id == actor.organisation_id,
    )
    return session.scalars(query.order_by(ImportProblem.line, ImportProblem.id)).all()


def end(session: Session, row: Import, *, finished: bool, now: datetime) -> None:
    """Finished or broken off: the counts say what is stored, the file is gone."""
    row.running = False
    row.finished_at = now if finished else None
    row.leased_by = row.leased_until = None
    import_files.drop(session, row.id)
    audit.record(
        session,
        organisation_id=row.organisation_id,
        actor_id=row.created_by,
        action="import.taken" if finished else "import.broken_off",
        subject="imports",
        subject_id=row.id,
        now=now,
        created=row.created,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        dry_run=row.dry_run,
        file_digest=row.file_digest,
    )
    session.flush()


def _begin(
    sessions: sessionmaker[Session], actor: Actor, dry_run: bool, clock_now: ClockNow
) -> UUID:
    """The import's row: the organisation's only one that runs, by a unique index."""
    try:
        with sessions.begin() as session:
            now = clock_now(session)
            break_off_silent(session, now=now)
            row = Import(
                organisation_id=actor.organisation_id,
                file_digest="",
                created_by=actor.user_id,
                created_at=now,
                moved_at=now,
                dry_run=dry_run,
            )
            session.add(row)
            session.flush()
            return row.id
    except IntegrityError as error:
        raise Conflict(
            "Another file of this organisation is being imported: try again when that "
            "is done."
        ) from error


def break_off_silent(session: Session, *, now: datetime) -> int:
    """End imports whose sender died before the file was here; how many."""
    query = select(Import).where(
        Import.running, Import.rows.is_(None), Import.moved_at < now - SILENT
    )
    found = session.scalars(query.with_for_update(skip_locked=True)).all()
    for row in found:
        end(session, row, finished=False, now=now)
    return len(found)


def _kept(
    sessions: sessionmaker[Session],
    import_id: UUID,
    chunks: Iterable[bytes],
    digest: Callable[[bytes], None],
    clock_now: ClockNow,
) -> Iterator[bytes]:
    """Each piece once it is stored; no transaction waits for a slow sender."""
    for number, piece in enumerate(import_files.pieces(chunks)):
        digest(piece)
        with sessions.begin() as session:
            row = session.get_one(Import, import_id, with_for_update=True)
            if not row.running:
                raise Conflict("This file took too long to arrive: send it again.")
            import_files.keep(session, row, number, piece)
            row.moved_at = clock_now(session)
        database.breathe(session)
        yield piece


def _forget(sessions: sessionmaker[Session], import_id: UUID) -> None:
    """As if the file had never come."""
    with sessions.begin() as session:
        import_files.drop(session, import_id)
        session.execute(delete(Import).where(Import.id == import_id))
