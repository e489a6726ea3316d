"""Import jobs: waiting, claimed, resumed, ended; one of an organisation at a time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.errors import Conflict
from core.words import Role
from models import AuditRow, Case, Import, ImportChunk
from planning import import_jobs, imports
from tests.support.case_file import a_file

LINES = [{"case_id": f"C-{n}", "debt_ref": f"L-{n}"} for n in range(6)]


class Killed(BaseException):
    """Nothing that runs after this: as with kill -9."""


@pytest.fixture
def actor(make):
    """A dispatcher of an agency."""
    return make.actor(make.user(make.organisation(), Role.DISPATCHER))


@pytest.fixture
def receive(session, actor, clock, database):
    """A file kept for a worker."""

    def _receive(*lines, by=actor, dry_run=False):
        session.commit()
        return imports.receive(
            database.sessions,
            by,
            chunks=[a_file(*lines)],
            dry_run=dry_run,
            clock_now=clock.now,
        )

    return _receive


@pytest.fixture
def work(session, database, clock):
    """One round of a worker that stops after so many batches."""

    def _work(stop_after=99):
        session.commit()
        looked = iter(range(99))
        done = import_jobs.run_next(
            database.sessions,
            clock_now=clock.now,
            stopping=lambda: next(looked) >= stop_after - 1,
        )
        session.expire_all()
        return done

    return _work


@pytest.fixture
def small(monkeypatch):
    """Batches of two lines."""
    monkeypatch.setattr(import_jobs, "BATCH", 2)


@pytest.fixture
def vanishes(monkeypatch):
    """A sender that dies on the way: nothing is tidied up."""
    monkeypatch.setattr(imports, "_forget", lambda *_: None)


@pytest.fixture
def dies(monkeypatch, work):
    """A worker that is killed after so many batches: it tidies nothing up."""

    def _dies(after):
        stored = import_jobs._Job._store
        left = iter(range(after))

        def store(job, row, batch):
            if next(left, None) is None:
                raise Killed
            stored(job, row, batch)

        with monkeypatch.context() as patch:
            patch.setattr(import_jobs._Job, "_store", store)
            patch.setattr(import_jobs._Job, "_end", lambda *_, **__: None)
            with pytest.raises(Killed):
                work()

    return _dies


def the_import(session):
    """The only one, as the database has it."""
    session.expire_all()
    return session.scalars(select(Import)).one()


def test_a_file_waits_for_a_worker_and_lies_sealed(session, receive, work):
    receive(*LINES)
    row = the_import(session)
    assert (imports.state(row), row.rows, row.rows_read) == ("waiting", 6, 0)
    chunk = session.scalars(select(ImportChunk)).one()
    assert b"C-1" not in chunk.content_sealed
    assert b"C-1" in chunk.content
    session.commit()
    assert work() == 1
    row = the_import(session)
    assert (imports.state(row), row.created, row.rows_read) == ("done", 6, 6)
    assert session.scalar(select(func.count(ImportChunk.id))) == 0
    assert work() == 0


def test_a_worker_that_is_told_to_stop_leaves_the_rest_at_once(
    session, receive, work, monkeypatch
):
    monkeypatch.setattr(import_jobs, "BATCH", 2)
    receive(*LINES)
    work(stop_after=2)
    row = the_import(session)
    assert (row.created, row.rows_read, row.leased_by) == (4, 4, None)
    assert imports.state(row) == "running"
    session.commit()
    work()
    row = the_import(session)
    assert (row.created, row.unchanged, imports.state(row)) == (6, 0, "done")


@pytest.mark.usefixtures("small")
def test_a_killed_workers_file_is_read_on_by_another(
    session, receive, work, dies, clock
):
    again = {**LINES[0], "place_id": "work"}
    contradiction = {**LINES[1], "place_id": "work", "amount_minor": "1"}
    receive({**LINES[0], "lon": "x"}, *LINES, again, contradiction)
    dies(2)
    assert the_import(session).rows_read == 4
    session.commit()
    assert work() == 0  # the dead one's lease still holds
    clock.forward(seconds=61)
    assert work() == 1
    row = the_import(session)
    assert (row.created, row.updated, row.unchanged, row.refused) == (6, 0, 0, 2)
    assert (imports.state(row), row.rows_read) == ("done", 9)
    assert session.scalar(select(func.count(Case.id))) == 6


def test_a_file_that_kills_every_worker_is_broken_off_in_the_end(
    session, receive, work, dies, clock
):
    receive(*LINES)
    for _ in range(import_jobs.MOST_TRIES):
        dies(0)
        clock.forward(seconds=61)
    assert work() == 1
    row = the_import(session)
    assert imports.state(row) == "broken_off"
    assert session.scalar(select(func.count(ImportChunk.id))) == 0
    query = select(AuditRow.action).where(AuditRow.subject == "imports")
    assert session.scalars(query).all() == ["import.broken_off"]


@pytest.mark.usefixtures("small")
def test_whoever_stood_still_too_long_stores_nothing_more(
    session, receive, work, clock, monkeypatch
):
    receive(*LINES)
    stored = import_jobs._Job._store

    def slowly(job, row, batch):
        stored(job, row, batch)
        monkeypatch.setattr(import_jobs._Job, "_store", stored)
        clock.forward(seconds=61)
        assert work() == 1  # another one takes it over and ends it

    monkeypatch.setattr(import_jobs._Job, "_store", slowly)
    with pytest.raises(Conflict):
        work()
    row = the_import(session)
    assert (imports.state(row), row.created) == ("done", 6)


def test_one_file_of_an_organisation_at_a_time(session, receive, work, make):
    receive(*LINES)
    with pytest.raises(Conflict):
        receive(*LINES)
    other = make.actor(make.user(make.organisation(), Role.DISPATCHER))
    receive(*LINES, by=other)
    assert (work(), work(), work()) == (1, 1, 0)
    receive(*LINES)


@pytest.mark.usefixtures("vanishes")
def test_a_file_that_never_arrived_is_ended_and_stands_in_nobodys_way(
    session, actor, work, database, clock
):
    session.commit()

    def breaks():
        yield a_file(*LINES) + b"x" * imports.import_files.PIECE
        raise Killed

    with pytest.raises(Killed):
        imports.receive(
            database.sessions,
            actor,
            chunks=breaks(),
            dry_run=False,
            clock_now=clock.now,
        )
    assert imports.state(the_import(session)) == "receiving"
    session.commit()
    assert work() == 0
    clock.forward(seconds=61)
    with database.sessions() as other:
        assert import_jobs.next_due(other) <= clock.now()
    assert work() == 1
    row = the_import(session)
    assert imports.state(row) == "broken_off"
    assert session.scalar(select(func.count(ImportChunk.id))) == 0


def test_a_worker_sleeps_until_there_is_a_file(session, receive, work, clock):
    assert import_jobs.next_due(session) is None
    receive(*LINES)
    assert import_jobs.next_due(session) <= clock.now()
    row = the_import(session)
    row.leased_until = clock.now() + timedelta(seconds=30)
    session.flush()
    assert import_jobs.next_due(session) == row.leased_until
