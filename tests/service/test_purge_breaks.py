"""A purge that breaks off, goes on, and meets others on its way."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from accounts import sealer
from core import ids
from core.words import ActResult, EventKind, PurgeKind
from credentials.photo_files import Folder
from models import AuditRow, PurgeReceipt, WatchEvent
from safety import purging
from safety.purge_rules import PURGES
from server.processes.worker import Worker
from server.runtime import Runtime
from tests.support.clock import MORNING
from tests.support.make import HANGZHOU
from tests.support.purging import hold, positions, purge
from tests.support.street import Street
from tests.support.world import SETTINGS

MANY = 7


class Broken(Exception):
    """The machine goes dark."""


@pytest.fixture
def said(street: Street, monkeypatch: pytest.MonkeyPatch) -> Street:
    """Seven acts with positions, two to a batch, a month ago."""
    monkeypatch.setattr(purging, "BATCH", 2)
    now = street.make.clock.now()
    street.session.add_all(
        WatchEvent(
            organisation_id=street.organisation.id,
            event_id=ids.new(),
            kind=EventKind.CHECK_IN,
            user_id=street.chen.id,
            visit_id=street.visit.id,
            occurred_at=now,
            phone_at=now,
            received_at=now,
            position=HANGZHOU,
            result=ActResult.OK,
            request_digest="0" * 64,
            answer="{}",
        )
        for _ in range(MANY)
    )
    street.session.commit()
    street.make.clock.forward(days=31)
    return street


def break_off(street: Street, *, after: int) -> None:
    """A run that ends after so many batches."""
    batches = iter(range(1, after + 1))

    def tell(kind: PurgeKind, gone: int) -> None:
        if next(batches) == after:
            raise Broken

    street.session.commit()
    with pytest.raises(Broken):
        purging.run(
            street.database.sessions,
            street.organisation.id,
            clock_now=street.make.clock.now,
            tell=tell,
        )


def receipted(street: Street) -> int:
    """How many positions the receipts tell of."""
    query = select(func.sum(PurgeReceipt.count))
    count = street.session.scalar(query.where(PurgeReceipt.kind == PurgeKind.POSITIONS))
    street.session.commit()
    return int(count or 0)


def test_receipts_of_a_broken_run_say_exactly_what_is_gone(said: Street):
    break_off(said, after=2)
    assert positions(said) == MANY - 4
    assert receipted(said) == 4
    assert purge(said)["positions"] == MANY - 4
    assert (positions(said), receipted(said)) == (0, MANY)
    said.session.commit()
    sealer.seal(said.database.sessions, clock_now=said.make.clock.now)
    assert sealer.verify(said.session).broken is None
    runs = select(func.count(AuditRow.id)).where(AuditRow.action == "purge.run")
    assert said.session.scalar(runs) == 1


def test_a_broken_run_is_due_again_at_once(said: Street):
    sessions, now = said.database.sessions, said.make.clock.now
    break_off(said, after=2)
    assert purging.next_due(said.session) <= now()  # type: ignore[operator]
    said.session.commit()
    assert purging.run_due(sessions, clock_now=now) == 1
    assert positions(said) == 0
    assert purging.next_due(said.session) == now() + timedelta(days=1)


def test_an_organisation_that_cannot_be_purged_stops_no_other(
    said: Street, monkeypatch: pytest.MonkeyPatch
):
    sessions, now = said.database.sessions, said.make.clock.now
    stuck = [said.make.organisation().id for _ in range(2)]
    said.session.commit()
    said.make.clock.forward(days=1)
    run, asked = purging.run, []

    def breaking(sessions, organisation_id, **options):
        asked.append(organisation_id)
        if organisation_id in stuck:
            raise Broken
        return run(sessions, organisation_id, **options)

    monkeypatch.setattr(purging, "run", breaking)
    monkeypatch.setattr(
        purging, "_last", lambda _: [(one, MORNING) for one in (*stuck, ours)]
    )
    ours = said.organisation.id
    with pytest.raises(ExceptionGroup) as caught:
        purging.run_due(sessions, clock_now=now)
    assert [type(one) for one in caught.value.exceptions] == [Broken] * 2
    assert asked == [*stuck, ours]
    assert positions(said) == 0


def test_files_of_photos_go_though_an_organisation_cannot_be_purged(
    said: Street, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def breaking(sessions, *, clock_now):
        raise Broken

    monkeypatch.setattr(purging, "run_due", breaking)
    folder = Folder(f"file://{tmp_path}")
    folder.put(b"a photo that no row needs")
    [fresh] = (one for one in tmp_path.rglob("*") if one.is_file())
    long_ago = ids.earliest(MORNING - timedelta(days=365))
    old = fresh.rename(str(fresh).replace(fresh.stem, str(long_ago)))
    database, clock = said.database, said.make.clock
    runtime = Runtime(
        SETTINGS, database.engine, database.sessions, clock, photos=folder
    )
    with pytest.raises(ExceptionGroup):
        Worker(runtime).purge()
    assert not old.exists()


def test_a_hold_placed_between_two_batches_keeps_the_rest(said: Street):
    break_off(said, after=1)
    hold(said, case_id=said.case.id)
    assert "positions" not in purge(said)
    assert (positions(said), receipted(said)) == (MANY - 2, 2)


def test_a_hold_placed_after_rows_were_found_keeps_them(said: Street):
    one = purging._Round(
        said.database.sessions,
        PURGES[0],
        said.organisation.id,
        ids.new(),
        said.make.clock.now,
    )
    found = one.chosen()
    assert len(found) == 2
    hold(said, case_id=said.case.id)
    said.session.commit()
    assert one.take(found) == 0
    assert (positions(said), receipted(said)) == (MANY, 0)


def test_rows_that_somebody_works_on_are_left_to_the_next_run(said: Street):
    if said.database.kind == "sqlite":  # one writer: there nobody holds a row
        assert purge(said)["positions"] == MANY
        return
    with said.database.sessions.begin() as other:
        query = select(WatchEvent.id).order_by(WatchEvent.id).limit(3)
        held = other.scalars(query.with_for_update()).all()
        assert purge(said)["positions"] == MANY - len(held)
    assert purge(said)["positions"] == len(held)
