"""Purges by real processes: killed midway, gone on with, beside a rotation of keys."""

from datetime import timedelta

from sqlalchemy import func, select

from accounts import sealer
from core import ids
from core.keyring import Keyring
from core.words import ActResult, EventKind, PurgeKind
from models import PurgeReceipt, WatchEvent, database, resealing
from models.sealed import ring
from tests.support.make import HANGZHOU
from tests.support.missed import Missed
from tests.support.premises import Premises, until

OLD, YOUNG = 3000, 200
PURGE = ("-m", "server.cli", "purge")
ROTATE = ("-m", "server.cli", "keys", "rotate", "--copied")


def fill(missed: Missed) -> None:
    """Acts with positions, most of them of five weeks ago."""
    street, now = missed.street, missed.premises.clock.now()
    for number in range(OLD + YOUNG):
        at = now - timedelta(days=35 if number < OLD else 1)
        event = WatchEvent(
            organisation_id=street.organisation.id,
            event_id=ids.new(),
            kind=EventKind.CHECK_IN,
            user_id=street.chen.id,
            visit_id=street.visit.id,
            occurred_at=at,
            phone_at=at,
            received_at=at,
            position=HANGZHOU,
            result=ActResult.OK,
            request_digest="0" * 64,
            answer="{}",
        )
        missed.make.session.add(event)
    missed.make.session.commit()


def receipted(premises: Premises) -> int:
    """How many positions the receipts tell of."""
    query = select(func.sum(PurgeReceipt.count))
    mine = query.where(PurgeReceipt.kind == PurgeKind.POSITIONS)
    with database.reading(premises.database.sessions) as session:
        return int(session.scalar(mine) or 0)


def positions(premises: Premises) -> int:
    """Acts that still say where somebody was."""
    query = select(func.count(WatchEvent.id))
    mine = query.where(WatchEvent.position_sealed.is_not(None))
    with database.reading(premises.database.sessions) as session:
        return session.scalar(mine) or 0


def test_a_purge_is_killed_and_another_goes_on_with_it(
    missed: Missed, premises: Premises
):
    fill(missed)
    killed = premises.run(*PURGE)
    until("a batch is gone", lambda: receipted(premises))
    killed.kill()
    gone = receipted(premises)
    assert gone + positions(premises) == OLD + YOUNG
    again = premises.run(*PURGE)
    assert again.ends(seconds=60) == 0, again.said()
    assert (receipted(premises), positions(premises)) == (OLD, YOUNG)
    sessions = premises.database.sessions
    sealer.seal(sessions, clock_now=premises.clock.now)
    with database.reading(sessions) as session:
        assert sealer.verify(session).broken is None


def test_a_purge_and_a_rotation_run_beside_each_other(
    missed: Missed, premises: Premises
):
    first = ring.keyring
    fill(missed)
    purge, rotation = premises.run(*PURGE), premises.run(*ROTATE)
    assert purge.ends(seconds=60) == 0, purge.said()
    assert rotation.ends(seconds=60) == 0, rotation.said()
    again = premises.run(*PURGE)  # what the rotation held just then
    assert again.ends(seconds=60) == 0, again.said()
    assert (receipted(premises), positions(premises)) == (OLD, YOUNG)
    try:
        ring.use(Keyring.parse((premises.home / "keys.json").read_text()))
        assert ring.keyring.current != first.current
        with database.reading(premises.database.sessions) as session:
            assert resealing.count_stale(session) == 0
            query = select(WatchEvent).where(WatchEvent.position_sealed.is_not(None))
            found = session.scalars(query).all()
            assert {event.position for event in found} == {HANGZHOU}
    finally:
        ring.use(first)


def test_a_dry_run_says_what_would_go_and_takes_nothing(
    missed: Missed, premises: Premises
):
    fill(missed)
    tried = premises.run(*PURGE, "--dry-run")
    assert tried.ends(seconds=60) == 0, tried.said()
    slug = missed.street.organisation.slug
    assert f"{slug}: {OLD} positions would go" in tried.said()
    assert (receipted(premises), positions(premises)) == (0, OLD + YOUNG)
