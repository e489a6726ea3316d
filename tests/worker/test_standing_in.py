"""A gateway that hangs while the sentinel stands in holds its senders, never itself."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from contact.webhooks import line
from core.words import ChannelKind, Lane, MessageState, Role
from models import Message, MessageChannel, ProcessPulse, Receipt
from server.processes.sentinel import GRACE, Sentinel
from server.processes.worker import SENDERS, SPARE
from server.runtime import Runtime
from tests.support.clock import MORNING
from tests.support.gateway import SECRET, Gateway
from tests.support.premises import until
from tests.support.street import Street
from tests.support.world import SETTINGS


@pytest.fixture
def sentinel(street: Street, gateway: Gateway, monkeypatch) -> Iterator[Sentinel]:
    """Looks on where no worker lives, and all messages go to a gateway that hangs."""
    for word in ("TIMEOUT_S", "DEADLINE_S"):
        monkeypatch.setattr(line, word, 60.0)  # longer than the test
    channel = MessageChannel(
        organisation_id=street.organisation.id,
        kind=ChannelKind.WEBHOOK,
        rank=0,
        target=gateway.url,
        secret=SECRET,
        created_at=street.make.clock.now(),
    )
    street.session.add(channel)
    street.session.commit()
    made, clock = street.database, street.make.clock
    settings = replace(SETTINGS, webhooks_anywhere=True)
    sentinel = Sentinel(Runtime(settings, made.engine, made.sessions, clock))
    sentinel.look()
    clock.forward(seconds=GRACE.total_seconds() + 1)
    yield sentinel
    gateway.answering.set()
    sentinel.senders.finish(60)  # they write down what came of it: the database stays


def many(street: Street, column: InstrumentedAttribute[UUID], *where: Any) -> int:
    """How many rows there are now."""
    with street.database.sessions() as session:
        return session.scalars(select(func.count(column)).where(*where)).one()


def test_while_messages_hang_it_sweeps_climbs_and_beats(
    street: Street, sentinel: Sentinel, gateway: Gateway
):
    street.phone(street.chen).check_in(street.visit)
    street.phone(street.wu).sos(street.visit)
    street.session.commit()
    sentinel.look()
    until("a call for help hangs", gateway.references)
    now = street.make.clock.forward(minutes=31)
    sentinel.look()
    assert many(street, Receipt.id) == 0  # no try has come to its end
    [missed] = street.alerts()
    assert missed.user_id == street.chen.id
    assert street.second_officer in street.told()  # the ladder of the SOS was climbed
    beat = select(ProcessPulse.beat_at).where(ProcessPulse.kind == "sentinel")
    assert street.session.scalars(beat).one() == now


def test_no_more_hang_at_once_than_a_worker_has_senders_and_all_leave_in_the_end(
    street: Street, sentinel: Sentinel, gateway: Gateway
):
    for _ in range(9):
        street.phone(street.make.user(street.organisation, Role.COLLECTOR)).sos()
    street.session.commit()
    calls = Message.lane == Lane.SOS
    hanging = partial(many, street, Message.id, calls, Message.leased_until > MORNING)
    sentinel.look()
    until("three hang", lambda: hanging() >= SENDERS[Lane.SOS])
    for _ in range(3):
        sentinel.look()
    assert hanging() <= SENDERS[Lane.SOS] + SPARE[Lane.SOS]
    gateway.answering.set()
    sentinel.senders.finish(60)
    assert many(street, Message.id, calls, Message.state != MessageState.SENT) == 0
