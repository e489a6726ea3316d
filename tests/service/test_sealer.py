"""The sealer and what its verification finds in a database that was tampered with."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from accounts import audit, sealer
from core import ids
from models import AuditPending, AuditRow, AuditSeal
from models.database import reading
from tests.support.databases import Database
from tests.support.make import Make

TABLES = ("audit_rows", "audit_seals")
APPEND_ONLY = (
    *TABLES,
    "receipts",
    "delivery_reports",
    "replies",
    "alert_entries",
    "watch_transitions",
)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two, so that a short chain crosses their border."""
    monkeypatch.setattr(sealer, "BATCH", 2)


def record(make: Make, count: int) -> None:
    for number in range(count):
        audit.record(
            make.session,
            organisation_id=None,
            actor_id=ids.new(),
            action="done",
            subject="tests",
            subject_id=ids.new(),
            now=make.clock.now(),
            number=number,
            big=1.5e300,
        )
    make.session.commit()


def seal(database: Database, make: Make, limit: int = 500) -> int:
    return sealer.seal(database.sessions, clock_now=make.clock.now, limit=limit)


def verify(database: Database) -> sealer.Verdict:
    with database.sessions() as session:
        return sealer.verify(session)


def sealed_ids(database: Database) -> list[UUID]:
    with database.sessions() as session:
        query = select(AuditSeal.audit_id).order_by(AuditSeal.number)
        return list(session.scalars(query))


def tamper(database: Database, statement: str, *rows: UUID) -> None:
    """As somebody who holds the database: without triggers and foreign keys."""
    with database.engine.connect() as connection:
        if database.kind == "sqlite":
            connection.rollback()
            connection.connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[attr-defined]
        for table in TABLES:
            for name in _triggers(database, table):
                connection.execute(text(f"DROP TRIGGER {name}"))
        if database.kind == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        names = {f"id{n}": row.hex for n, row in enumerate(rows)}
        changed = connection.execute(text(statement), names)
        assert changed.rowcount == 1
        connection.commit()
        connection.invalidate()


def _triggers(database: Database, table: str) -> list[str]:
    if database.kind == "postgresql":
        return [f"{table}_append_only ON {table}"]
    return [f"{table}_append_only_{event}" for event in ("update", "delete")]


def test_sealing_chains_every_row_once_and_empties_the_queue(
    database: Database, make: Make
):
    record(make, 5)
    assert seal(database, make, limit=3) == 3
    assert verify(database) == sealer.Verdict(rows=3, unsealed=2, broken=None)
    assert seal(database, make) == 2
    assert seal(database, make) == 0
    assert verify(database) == sealer.Verdict(rows=5, unsealed=0, broken=None)
    with database.sessions() as session:
        numbers = session.scalars(select(AuditSeal.number).order_by(AuditSeal.number))
        assert list(numbers) == [1, 2, 3, 4, 5]
        assert session.scalar(select(func.count()).select_from(AuditPending)) == 0
        in_order = list(session.scalars(select(AuditRow.id).order_by(AuditRow.id)))
    assert sealed_ids(database) == in_order


def test_an_empty_chain_holds(database: Database):
    assert verify(database) == sealer.Verdict(rows=0, unsealed=0, broken=None)


def test_asking_whether_something_waits_needs_no_write_lock(
    database: Database, make: Make
):
    record(make, 1)
    written = make.clock.now()
    make.organisation()  # an open transaction holds SQLite's only write lock
    with reading(database.sessions) as session:
        assert sealer.next_due(session) == written
    make.session.commit()
    seal(database, make)
    with reading(database.sessions) as session:
        assert sealer.next_due(session) is None


def test_sealers_at_once_make_one_chain(database: Database, make: Make):
    record(make, 60)

    def work(_: int) -> int:
        return sum(seal(database, make, limit=3) for _ in range(40))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    assert sum(done) == 60
    assert verify(database) == sealer.Verdict(rows=60, unsealed=0, broken=None)


def test_a_sealed_row_that_is_queued_again_stops_nothing(
    database: Database, make: Make
):
    record(make, 2)
    seal(database, make)
    make.session.add(
        AuditPending(audit_id=sealed_ids(database)[0], at=make.clock.now())
    )
    make.session.commit()
    record(make, 1)
    assert seal(database, make) == 1
    assert seal(database, make) == 0
    assert verify(database) == sealer.Verdict(rows=3, unsealed=0, broken=None)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET audit_id = NULL"])
def test_the_database_itself_refuses_changes(
    database: Database, make: Make, table: str, verb: str
):
    record(make, 1)
    seal(database, make)
    statement = verb.format(table).replace(
        "audit_id", "subject_id" if table == "audit_rows" else "audit_id"
    )
    with pytest.raises(DBAPIError, match="append-only"):
        make.session.execute(text(statement))


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize(
    "change",
    [
        "action = 'undone'",
        "actor_id = NULL",
        "detail = '{\"number\": 7}'",
        "at = '2026-11-24 01:00:00.000000'",
    ],
)
def test_a_changed_row_is_named(database: Database, make: Make, change: str):
    record(make, 5)
    seal(database, make)
    victim = sealed_ids(database)[2]
    tamper(database, f"UPDATE audit_rows SET {change} WHERE id = :id0", victim)
    assert verify(database) == sealer.Verdict(
        2, 0, sealer.Break(3, victim, "the row was changed")
    )


@pytest.mark.usefixtures("small_batches")
def test_a_deleted_row_is_named(database: Database, make: Make):
    record(make, 5)
    seal(database, make)
    victim = sealed_ids(database)[3]
    tamper(database, "DELETE FROM audit_rows WHERE id = :id0", victim)
    broken = verify(database).broken
    assert broken == sealer.Break(4, victim, "the row is missing")
    assert str(broken) == f"link 4, audit row {victim}: the row is missing"


@pytest.mark.usefixtures("small_batches")
def test_a_deleted_link_is_named_by_its_number(database: Database, make: Make):
    record(make, 5)
    seal(database, make)
    tamper(database, "DELETE FROM audit_seals WHERE number = 3")
    broken = verify(database).broken
    assert broken == sealer.Break(3, None, "this link is missing")


def test_a_row_with_its_digest_changed_to_match_is_still_not_ours(
    database: Database, make: Make
):
    record(make, 3)
    seal(database, make)
    victim = sealed_ids(database)[1]
    change = "UPDATE audit_rows SET subject = 'forged' WHERE id = :id0"
    tamper(database, change, victim)
    with database.sessions() as session:
        forged = sealer.chain.row_digest(session.get_one(AuditRow, victim))
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE audit_seals SET row_digest = :digest WHERE number = 2"),
            {"digest": forged},
        )
    broken = verify(database).broken
    assert broken == sealer.Break(2, victim, sealer.NOT_OURS)


def test_a_changed_sealing_time_breaks_the_link(database: Database, make: Make):
    record(make, 2)
    seal(database, make)
    changed = (
        "UPDATE audit_seals SET sealed_at = '2026-11-24 01:00:00' WHERE number = 2"
    )
    tamper(database, changed)
    broken = verify(database).broken
    assert broken is not None
    assert (broken.number, broken.what) == (2, "the link was changed")


def test_a_row_that_escaped_the_queue_is_named(database: Database, make: Make):
    record(make, 3)
    seal(database, make, limit=2)
    with database.sessions() as session:
        waiting = session.scalars(select(AuditPending.audit_id)).one()
    tamper(database, "DELETE FROM audit_pending WHERE audit_id = :id0", waiting)
    verdict = verify(database)
    assert (verdict.rows, verdict.unsealed) == (2, 0)
    assert verdict.broken is not None
    assert (verdict.broken.number, verdict.broken.audit_id) == (None, waiting)
    assert str(verdict.broken).startswith(f"an unsealed row, audit row {waiting}")


def test_cutting_the_newest_link_leaves_its_row_without_a_seal(
    database: Database, make: Make
):
    record(make, 3)
    seal(database, make)
    last = sealed_ids(database)[-1]
    tamper(database, "DELETE FROM audit_seals WHERE number = 3")
    broken = verify(database).broken
    assert broken is not None
    assert broken.audit_id == last


def unseal(database: Database, number: int) -> None:
    """Take the links from that one on away and queue their rows again."""
    from_there = "FROM audit_seals WHERE number >= :n"
    with database.engine.begin() as connection:
        for table in TABLES:
            for name in _triggers(database, table):
                connection.execute(text(f"DROP TRIGGER {name}"))
        for statement in (
            "INSERT INTO audit_pending (audit_id, at) SELECT audit_id, sealed_at ",
            "DELETE ",
        ):
            connection.execute(text(statement + from_there), {"n": number})


def test_a_row_rewritten_before_it_is_sealed_anew_is_named(
    database: Database, make: Make
):
    record(make, 3)
    seal(database, make)
    victim = sealed_ids(database)[1]
    unseal(database, 2)
    change = update(AuditRow).where(AuditRow.id == victim).values(actor_id=ids.new())
    with database.sessions.begin() as session:
        session.execute(change)
    assert verify(database).broken == sealer.Break(None, victim, sealer.NOT_OURS)
    assert seal(database, make) == 2
    assert verify(database).broken == sealer.Break(2, victim, sealer.NOT_OURS)


def test_a_row_that_somebody_else_wrote_is_named(database: Database, make: Make):
    record(make, 1)
    forged = AuditRow(
        id=ids.new(),
        at=make.clock.now(),
        action="consent.given",
        subject="consents",
        detail={},
        mac="0" * 64,
    )
    make.session.add(forged)
    make.session.flush()
    make.session.add(AuditPending(audit_id=forged.id, at=make.clock.now()))
    make.session.commit()
    assert verify(database).broken == sealer.Break(None, forged.id, sealer.NOT_OURS)
    seal(database, make)
    assert verify(database).broken == sealer.Break(2, forged.id, sealer.NOT_OURS)


def test_links_made_anew_are_told_by_their_lateness_and_a_late_seal_breaks_nothing(
    database: Database, make: Make
):
    record(make, 3)
    seal(database, make)
    unseal(database, 2)
    make.clock.forward(minutes=11)
    seal(database, make)
    expected = sealer.Verdict(rows=3, unsealed=0, broken=None, late=2, first_late=2)
    assert verify(database) == expected


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_may_only_grow_cannot_be_emptied(database: Database, table: str):
    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))
