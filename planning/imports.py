"""Imports: a case file taken, its good lines stored, its bad ones listed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from core.actor import Actor
from core.errors import NotFound
from models import Import, ImportProblem, Organisation
from models.sealed import ring
from planning import case_files, case_store
from planning.case_rows import Problem
from planning.case_store import Fate

Tell = Callable[[int, int], None]
BATCH = 500  # cases that one round of statements loads and writes


def _nobody(done: int, all_of_them: int) -> None:
    """Nobody watches."""


def take(
    session: Session,
    actor: Actor,
    *,
    content: bytes,
    now: datetime,
    tell: Tell = _nobody,
) -> Import:
    """Store every case of a CSV file that has no problem; see ``docs/import.md``.

    ``created``, ``updated`` and ``unchanged`` count cases, ``refused`` counts lines.
    Taking the same file again changes nothing. ``Invalid`` where the file as a whole
    cannot be read: then nothing is stored. ``tell`` hears after every batch how many
    cases of how many are stored.
    """
    found, problems = case_files.cases(content)
    _one_at_a_time(session, actor)
    taken = _record(session, actor, content, problems, now=now)
    fates: Counter[Fate] = Counter()
    for first in range(0, len(found), BATCH):
        batch = found[first : first + BATCH]
        fates += case_store.store(session, actor.organisation_id, batch, now=now)
        tell(first + len(batch), len(found))
    taken.created = fates[Fate.CREATED]
    taken.updated = fates[Fate.UPDATED]
    taken.unchanged = fates[Fate.UNCHANGED]
    session.flush()
    _audit(session, actor, taken, now=now)
    return taken


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


def _one_at_a_time(session: Session, actor: Actor) -> None:
    """Two files of one organisation wait for each other: both may name a new case.

    The lock lets rows that only refer to the organisation pass.
    """
    query = select(Organisation.id).where(Organisation.id == actor.organisation_id)
    session.execute(query.with_for_update(key_share=True)).one()


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


def _audit(session: Session, actor: Actor, taken: Import, *, now: datetime) -> None:
    audit.record(
        session,
        organisation_id=actor.organisation_id,
        actor_id=actor.user_id,
        action="import.taken",
        subject="imports",
        subject_id=taken.id,
        now=now,
        created=taken.created,
        updated=taken.updated,
        unchanged=taken.unchanged,
        refused=taken.refused,
        file_digest=taken.file_digest,
    )
