"""A received file taken by a worker: batch by batch, each with its counts.

A batch, its counts and the line that it reached are one transaction, so a worker that
dies loses nothing: when its lease is over another one reads on from that line.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from core import ids
from core.actor import Actor
from core.errors import Conflict
from models import Import, ImportProblem, claims, database
from planning import case_files, case_incoming, case_store, import_files, imports
from planning.case_changes import Ledger
from planning.case_files import CaseFile
from planning.case_formats import Format
from planning.case_index import CaseIndex, Fate
from planning.case_rows import CaseRow, Problem
from planning.imports import MOST_PROBLEMS, SILENT, ClockNow

Tell = Callable[[int, int], None]
Stopping = Callable[[], bool]
BATCH = 500  # lines that one round of statements loads and writes
LEASE = timedelta(minutes=1)
MOST_TRIES = 5  # to begin without one batch stored
ERASED = "this borrower was erased: nothing is stored about him any more"
COUNTED = (Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED)


def _nobody(done: int, all_of_them: int) -> None:
    """Nobody watches."""


def _never() -> bool:
    """Nobody stops it."""
    return False


@dataclass(slots=True)
class _Batch:
    """Some lines of a file: cases with their places, problems, and where it ends."""

    cases: dict[str, CaseFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    of_cases: dict[str, list[int]] = field(default_factory=dict)

    def refuse(self, case_ids: Iterable[str]) -> None:
        """Nothing of these cases was taken: their borrower was erased."""
        self.problems += [
            Problem(line, "debtor_ref", ERASED)
            for case_id in case_ids
            for line in self.of_cases[case_id]
        ]

    @property
    def refused(self) -> int:
        """How many lines have a problem."""
        return len({problem.line for problem in self.problems})


def take(
    sessions: sessionmaker[Session],
    actor: Actor,
    *,
    chunks: Iterable[bytes],
    clock_now: ClockNow,
    dry_run: bool = False,
    tell: Tell = _nobody,
) -> Import:
    """Receive a file and take it at once; ``tell`` hears rows done, and how many.

    Where a worker is faster, this waits for nobody: ``Conflict``. Errors as for
    ``imports.receive``.
    """
    import_id = imports.receive(
        sessions, actor, chunks=chunks, dry_run=dry_run, clock_now=clock_now
    )
    holder = ids.new()
    with sessions.begin() as session:
        taken = _claim(session, import_id, holder, now=clock_now(session))
    if not taken:
        raise Conflict("A worker has this file already: look at its import.")
    _Job(sessions, import_id, holder, clock_now, tell, _never).run()
    with sessions() as session:
        return session.get_one(Import, import_id)


def run_next(
    sessions: sessionmaker[Session], *, clock_now: ClockNow, stopping: Stopping
) -> int:
    """Take the oldest file that nobody has; 0 where there is none.

    It ends early, and leaves the rest to another, once ``stopping`` says so.
    """
    holder = ids.new()
    with sessions.begin() as session:
        now = clock_now(session)
        ended = imports.break_off_silent(session, now=now)
        import_id = _waiting(session, now)
        if import_id is None or not _claim(session, import_id, holder, now=now):
            return ended
        if _hopeless(session, import_id, now):
            return ended + 1
    _Job(sessions, import_id, holder, clock_now, _nobody, stopping).run()
    return ended + 1


def next_due(session: Session) -> datetime | None:
    """When there is a file to take, or one that never came to be ended."""
    query = select(Import).where(Import.running)
    return min(map(_due, session.scalars(query)), default=None)


def _due(row: Import) -> datetime:
    if row.rows is None:
        return row.moved_at + SILENT
    return row.leased_until or row.created_at


def _waiting(session: Session, now: datetime) -> UUID | None:
    query = select(Import.id).where(*_free(now)).order_by(Import.id)
    return session.scalar(query.limit(1))


def _free(now: datetime) -> tuple[ColumnElement[bool], ...]:
    lapsed = or_(Import.leased_until.is_(None), Import.leased_until < now)
    return Import.running == true(), Import.rows.is_not(None), lapsed


def _claim(session: Session, import_id: UUID, holder: UUID, *, now: datetime) -> bool:
    claim = (
        update(Import)
        .where(Import.id == import_id, *_free(now))
        .values(leased_by=holder, leased_until=now + LEASE, tries=Import.tries + 1)
    )
    return claims.changed(session, claim) == 1


def _hopeless(session: Session, import_id: UUID, now: datetime) -> bool:
    """End a file at which one worker after the other has died."""
    row = session.get_one(Import, import_id, populate_existing=True)
    if row.tries <= MOST_TRIES:
        return False
    imports.end(session, row, finished=False, now=now)
    return True


@dataclass(slots=True)
class _Job:
    """One file in the hands of one worker."""

    sessions: sessionmaker[Session]
    import_id: UUID
    holder: UUID
    clock_now: ClockNow
    tell: Tell
    stopping: Stopping
    index: CaseIndex = field(default_factory=CaseIndex)

    def run(self) -> None:
        """To the end, or until told to stop; what fails for good is broken off.

        Where the database is away the lease runs out, and somebody begins again.
        """
        try:
            if self._batches():
                self._end(finished=True)
        except OperationalError:
            raise
        except BaseException:
            self._end(finished=False)
            raise
        finally:
            self.index.close()

    def _batches(self) -> bool:
        """False where it was told to stop before the end."""
        with self.sessions.begin() as session:
            row = session.get_one(Import, self.import_id)
            assert row.format is not None
            form, after = Format.parse(row.format), row.last_line
            done, total = row.rows_read, row.rows or 0
        found = case_files.rows(import_files.stored(self.sessions, row.id), form)
        for batch in self._cut(found, after):
            self._store(row, batch)
            done += len(batch.lines)
            self.tell(done, total)
            if self.stopping():
                self._let_go()
                return False
        return True

    def _cut(self, found: Iterable[CaseRow | Problem], after: int) -> Iterator[_Batch]:
        """Batches of whole lines; those up to ``after`` are only remembered."""
        batch = _Batch()
        for one in found:
            if one.line <= after:
                self._remember(one)
                continue
            if len(batch.lines) >= BATCH and one.line not in batch.lines:
                yield batch
                batch = _Batch()
            batch.lines.add(one.line)
            self._add(batch, one)
        if batch.lines:
            yield batch

    def _remember(self, one: CaseRow | Problem) -> None:
        if isinstance(one, CaseRow) and not self.index.take(one):
            self.index.settle(one.case.case_id, Fate.COUNTED)

    def _add(self, batch: _Batch, one: CaseRow | Problem) -> None:
        if isinstance(one, Problem):
            batch.problems.append(one)
        elif wrong := self.index.take(one):
            batch.problems += wrong
        else:
            case_file = batch.cases.setdefault(one.case.case_id, CaseFile(one.case))
            case_file.places[one.place.place_id] = one.place
            batch.of_cases.setdefault(one.case.case_id, []).append(one.line)

    def _store(self, row: Import, batch: _Batch) -> None:
        """One batch with its counts, then a breath in which others write."""
        incoming = [
            case_incoming.of(one, fresh=self.index.fate(case_id) is Fate.CREATED)
            for case_id, one in batch.cases.items()
        ]
        with self.sessions.begin() as session:
            now = self.clock_now(session)
            ledger = Ledger(row.organisation_id, row.id, now)
            taken = self._held(session, now)
            fates = case_store.store(session, incoming, ledger, dry_run=row.dry_run)
            batch.refuse(batch.cases.keys() - fates.keys())
            self._count(taken, fates)
            _keep(session, taken, batch)
        database.breathe(session)

    def _held(self, session: Session, now: datetime) -> Import:
        """The import's row, held; ``Conflict`` where another has it by now."""
        taken = session.get_one(
            Import, self.import_id, with_for_update=True, populate_existing=True
        )
        if not taken.running or taken.leased_by != self.holder:
            raise Conflict("This import stood still for too long: another took it.")
        taken.leased_until, taken.moved_at, taken.tries = now + LEASE, now, 0
        return taken

    def _count(self, taken: Import, fates: dict[str, Fate]) -> None:
        """Each case counts once, by the most that became of it."""
        found: Counter[Fate] = Counter()
        for case_id, fate in fates.items():
            before = self.index.settle(case_id, fate)
            if fate > before:
                found[fate] += 1
                found[before] -= 1
        taken.created += found[Fate.CREATED]
        taken.updated += found[Fate.UPDATED]
        taken.unchanged += found[Fate.UNCHANGED]

    def _let_go(self) -> None:
        with self.sessions.begin() as session:
            taken = self._held(session, self.clock_now(session))
            taken.leased_by = taken.leased_until = None

    def _end(self, *, finished: bool) -> None:
        """Unless another has taken it over."""
        with self.sessions.begin() as session:
            taken = session.get_one(Import, self.import_id, with_for_update=True)
            if taken.running and taken.leased_by == self.holder:
                now = self.clock_now(session)
                imports.end(session, taken, finished=finished, now=now)


def _keep(session: Session, taken: Import, batch: _Batch) -> None:
    """How far the file was read, and the first of its problems."""
    taken.refused += batch.refused
    taken.rows_read += len(batch.lines)
    taken.last_line = max(batch.lines)
    if not batch.problems:
        return
    query = select(func.count(ImportProblem.id)).where(
        ImportProblem.import_id == taken.id
    )
    room = MOST_PROBLEMS - (session.scalar(query) or 0)
    session.add_all(
        ImportProblem(
            organisation_id=taken.organisation_id,
            import_id=taken.id,
            line=problem.line,
            column=problem.column,
            reason=problem.reason,
        )
        for problem in batch.problems[: max(0, room)]
    )
