"""A backup taken while everybody writes, and what stands when it is restored."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.words import ChannelKind
from models import Alert, WatchEvent
from tests.support import restoring
from tests.support.load import Load
from tests.support.missed import Missed
from tests.support.premises import Premises, until

WRITERS = 4


def test_a_backup_under_load_holds_every_row_that_was_committed_before(
    premises: Premises, missed: Missed, tmp_path: Path
):
    for role in ("web", "worker", "sentinel"):
        premises.start(role)
    load = Load(premises, missed.make, missed.street.organisation).start(WRITERS)
    file = tmp_path / "backup"
    began = restoring.back_up(premises, file)
    after = len(load.stored)
    until("writers to go on", lambda: len(load.stored) > after + WRITERS)
    load.stop()
    assert (load.cut, load.refused) == ([], [])
    with restoring.restored(premises, file) as elsewhere:
        assert load.missing(elsewhere.database.sessions, before=began) == set()
        assert load.missing(elsewhere.database.sessions) != set()
        assert " sealed rows hold" in restoring.command(elsewhere, "audit", "verify")
        for role in ("web", "worker", "sentinel"):
            elsewhere.start(role)
        until("it is ready", lambda: elsewhere.status("/readyz") == 200)
        with elsewhere.database.sessions() as session:
            events = session.scalars(select(WatchEvent)).all()
        assert all(event.answer for event in events)


def test_a_watch_that_fell_due_meanwhile_alerts_as_soon_as_a_worker_runs(
    missed: Missed, premises: Premises, tmp_path: Path
):
    missed.channel(ChannelKind.FILE)
    visit = missed.at_the_door(length_s=1)
    file = tmp_path / "backup"
    restoring.back_up(premises, file)
    missed.street.phone(missed.street.chen).check_out(visit)
    missed.make.session.commit()
    with restoring.restored(premises, file) as elsewhere:
        elsewhere.start("worker")

        def alerts() -> list[Alert]:
            with elsewhere.database.sessions() as session:
                return list(session.scalars(select(Alert)))

        assert len(until("an alert", alerts)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_restored_over_a_database_in_use(
    premises: Premises, session: Session, tmp_path: Path
):
    session.close()
    file = tmp_path / "backup"
    restoring.command(premises, "backup", str(file))
    premises.database.engine.dispose()
    premises.start("worker")
    refused = premises.run("-m", "server.cli", "restore", "--discard-newer", str(file))
    assert refused.ends() == 1
    assert "in use: stop web, worker and sentinel first" in refused.said()
