"""Dispatchers at once, in real threads on real databases."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact import dispatch, outbox
from contact.carriers import Outgoing
from core.words import ChannelKind, Lane, MessageKind, MessageState
from models import Message, MessageChannel, Receipt
from tests.support.databases import Database, opened

MESSAGES, SENDERS = 60, 4


class Counting:
    """A carrier that all threads share."""

    def __init__(self) -> None:
        self.lock, self.times = threading.Lock(), Counter[UUID]()

    def send(self, outgoing: Outgoing) -> str:
        with self.lock:
            self.times[outgoing.reference] += 1
        return "kept"


@pytest.fixture
def filled(session, make, database, clock) -> list[UUID]:
    """An organisation's messages, all due."""
    organisation = make.organisation()
    session.add(
        MessageChannel(
            organisation_id=organisation.id,
            kind=ChannelKind.WEBHOOK,
            rank=0,
            created_at=clock.now(),
        )
    )
    for number in range(MESSAGES):
        outbox.enqueue(
            session,
            organisation_id=organisation.id,
            kind=MessageKind.DEPARTURE,
            lane=Lane.ALERT,
            dedup_key=f"k{number}",
            recipient="+8613800001234",
            body="words",
            now=clock.now(),
        )
    ids = list(session.scalars(select(Message.id)))
    session.commit()
    return ids


def dispatch_all(url: str, carrier: Counting, clock, gate: threading.Barrier) -> int:
    """A sender with an engine of its own, until nothing is due."""
    own: Database = opened(url)
    gate.wait()
    total = 0
    try:
        while tried := dispatch.round_(
            own.sessions,
            lane=Lane.ALERT,
            carry=lambda _: carrier,
            clock_now=clock.now,
            limit=7,
        ):
            total += tried
    finally:
        own.engine.dispose()
    return total


def test_several_dispatchers_at_once_send_each_message_exactly_once(
    filled, database, session, clock
):
    carrier, gate = Counting(), threading.Barrier(SENDERS)
    with ThreadPoolExecutor(SENDERS) as pool:
        totals = [
            pool.submit(dispatch_all, database.url, carrier, clock, gate)
            for _ in range(SENDERS)
        ]
    assert sum(total.result() for total in totals) == MESSAGES
    assert carrier.times == Counter(filled)
    states = session.scalars(select(Message.state).distinct()).all()
    assert states == [MessageState.SENT]
    assert session.scalar(select(func.count(Receipt.id))) == MESSAGES


class Dies(BaseException):
    """The process is gone: nothing catches this."""


class Dying(Counting):
    """Delivers, and dies before it can say so."""

    def send(self, outgoing: Outgoing) -> str:
        super().send(outgoing)
        raise Dies


def test_a_sender_that_dies_between_sending_and_recording_loses_nothing(
    filled, database, session, clock
):
    dying, gate = Dying(), threading.Barrier(1)
    for _ in range(3):
        with pytest.raises(Dies):
            dispatch_all(database.url, dying, clock, gate)
    leased = select(func.count(Message.id)).where(Message.state == MessageState.LEASED)
    assert session.scalar(leased) == 3
    session.commit()
    clock.forward(seconds=31)
    heir = Counting()
    assert dispatch_all(database.url, heir, clock, gate) == MESSAGES
    assert heir.times == Counter(filled)
    assert set(dying.times) <= set(heir.times)  # twice, under the same reference


def test_of_two_transactions_with_one_key_the_second_waits_and_enqueues_nothing(
    make, session, database, clock
):
    organisation = make.organisation()
    session.commit()
    began = threading.Event()

    def enqueue(transaction: Session) -> bool:
        made = outbox.enqueue(
            transaction,
            organisation_id=organisation.id,
            kind=MessageKind.DEPARTURE,
            lane=Lane.ALERT,
            dedup_key="the one",
            recipient="+8613800001234",
            body="words",
            now=clock.now(),
        )
        return made is not None

    def second() -> bool:
        began.set()
        with database.sessions.begin() as transaction:
            return enqueue(transaction)

    with ThreadPoolExecutor(1) as pool:
        with database.sessions.begin() as first:
            assert enqueue(first) is True
            late = pool.submit(second)
            began.wait()
            with pytest.raises(TimeoutError):  # it waits for the first to commit
                late.result(timeout=0.3)
        assert late.result(timeout=20) is False
    assert session.scalar(select(func.count(Message.id))) == 1
