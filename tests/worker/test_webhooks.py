"""Webhooks with real workers: kill -9 loses nothing, many at once keep the order."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, sealer
from contact.webhooks import intake, sending
from core import ids
from core.words import DeliveryState
from models import Organisation, WebhookDelivery
from tests.support.clock import FakeClock
from tests.support.databases import Database, opened
from tests.support.make import Make
from tests.support.premises import Premises, until
from tests.support.receiver import Receiver

SUBJECTS, EACH, WORKERS = 6, 8, 4


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system of somebody else."""
    receiver = Receiver()
    yield receiver
    receiver.close()


def happen(make: Make) -> tuple[list[str], Organisation]:
    """Many events of an organisation, its subjects taking turns."""
    organisation = make.organisation()
    subjects = [ids.new() for _ in range(SUBJECTS)]
    for about in subjects * EACH:
        audit.record(
            make.session,
            organisation_id=organisation.id,
            actor_id=None,
            action="visit.assigned",
            subject="visits",
            subject_id=about,
            now=make.clock.now(),
        )
    make.session.commit()
    return [f"visits:{one}" for one in subjects], organisation


def undelivered(database: Database) -> int:
    """How many wait or are on their way."""
    with database.sessions() as session:
        state = WebhookDelivery.state != DeliveryState.DELIVERED
        return len(session.scalars(select(WebhookDelivery).where(state)).all())


def firsts(numbers: list[int]) -> list[int]:
    """Each number where it came first."""
    return list(dict.fromkeys(numbers))


def test_workers_at_once_keep_the_order_of_every_subject_and_double_nothing(
    make: Make, database: Database, clock: FakeClock, receiver: Receiver
):
    subjects, organisation = happen(make)
    make.webhook(organisation, receiver.url)
    make.session.commit()
    sealer.seal(database.sessions, clock_now=clock.now)
    gate = threading.Barrier(WORKERS)

    def work() -> None:
        own = opened(database.url)
        gate.wait()
        while intake.take_in(own.sessions, clock_now=clock.now, limit=10):
            pass
        end = time.monotonic() + 60
        while undelivered(own) and time.monotonic() < end:
            sending.round_(
                own.sessions,
                clock_now=clock.now,
                stopwatch=time.monotonic,
                anywhere=True,
            )
        own.engine.dispose()

    with ThreadPoolExecutor(WORKERS) as pool:
        for one in [pool.submit(work) for _ in range(WORKERS)]:
            one.result()
    assert undelivered(database) == 0
    assert len(receiver.came) == SUBJECTS * EACH
    for subject in subjects:
        numbers = receiver.numbers(subject)
        assert numbers == sorted(numbers)
        assert len(numbers) == EACH


def test_kill_9_while_an_event_is_on_its_way_loses_none_and_keeps_the_order(
    premises: Premises, session: Session, receiver: Receiver
):
    premises.environ["VOUCHSAFE_WEBHOOK_TARGETS"] = "any"
    make = Make(session, premises.clock)  # type: ignore[arg-type]
    subjects, organisation = happen(make)
    make.webhook(organisation, receiver.url)
    session.commit()
    receiver.answering.clear()
    worker = premises.start("worker")
    until("an event on its way", lambda: receiver.came)
    worker.kill()
    assert undelivered(premises.database) > 0
    receiver.answering.set()
    premises.forward(seconds=31)  # the dead sender's leases run out
    premises.start("worker")
    until(
        "every event",
        lambda: len(set(receiver.numbers())) == SUBJECTS * EACH,
    )
    until("every receipt", lambda: undelivered(premises.database) == 0)
    for subject in subjects:
        numbers = receiver.numbers(subject)
        assert firsts(numbers) == sorted(set(numbers))
        assert len(firsts(numbers)) == EACH
