"""Many at once on real databases: each claim is won once, a poison row stops nobody."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from core.words import (
    AlertEntryKind,
    AlertKind,
    ChannelKind,
    MessageKind,
    Role,
    WatchState,
)
from models import Alert, AlertEntry, Message, Watch
from safety import alerts, duress, escalation, watch_loop, watches
from server.processes.worker import Worker
from server.runtime import Runtime
from tests.support.clock import FakeClock
from tests.support.databases import Database, opened, someone_waits
from tests.support.make import DURESS_PIN, DURESS_PIN_HASH, Make
from tests.support.missed import Missed
from tests.support.phone import Phone
from tests.support.premises import Premises, until
from tests.support.street import Street
from tests.support.world import SETTINGS, World

WATCHES, WORKERS = 30, 4
Duty = Callable[..., int]


@pytest.fixture
def overdue(make: Make, session: Session, clock: FakeClock) -> list[Watch]:
    """Thirty collectors whose check-out is late, an officer on duty."""
    organisation = make.organisation()
    make.user(organisation, Role.SAFETY_OFFICER)
    place = make.place(make.case(organisation))
    for _ in range(WATCHES):
        collector = make.user(organisation, Role.COLLECTOR)
        visit = make.visit(place, [collector], starts_in=timedelta(0))
        Phone(make, collector).check_in(visit)
    session.commit()
    clock.forward(minutes=31)
    watches = list(session.scalars(select(Watch)))
    session.commit()
    return watches


def at_once(database: Database, clock: FakeClock, duty: Duty) -> int:
    """All workers do this duty, each on an engine of its own, until nothing is due."""
    gate = threading.Barrier(WORKERS)

    def work() -> int:
        own = opened(database.url)
        gate.wait()
        try:
            return sum(iter(partial(duty, own.sessions, clock_now=clock.now), 0))
        finally:
            own.engine.dispose()

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(one.result() for one in [pool.submit(work) for _ in range(WORKERS)])


def test_workers_at_once_open_one_silent_alert_for_each_duress_pin(
    street, database, session, clock
):
    collectors = [
        street.make.user(
            street.organisation, Role.COLLECTOR, duress_pin_hash=DURESS_PIN_HASH
        )
        for _ in range(WATCHES)
    ]
    for collector in collectors:
        visit = street.make.visit(street.place, [collector])
        phone = street.phone(collector)
        phone.check_in(visit)
        phone.check_out(visit, pin=DURESS_PIN)
    session.commit()
    assert at_once(database, clock, duress.judge_due) == WATCHES
    query = select(Alert.user_id).where(Alert.kind == AlertKind.DURESS)
    assert Counter(session.scalars(query)) == Counter(one.id for one in collectors)


def per_alert(session: Session, kind: AlertEntryKind) -> Counter[UUID]:
    query = select(AlertEntry.alert_id).where(AlertEntry.kind == kind)
    return Counter(session.scalars(query))


def test_workers_at_once_open_one_alert_for_each_watch_and_run_each_step_once(
    overdue, database, session, clock
):
    assert at_once(database, clock, watch_loop.sweep) == WATCHES
    alerts = list(session.scalars(select(Alert)))
    assert {alert.watch_id for alert in alerts} == {watch.id for watch in overdue}
    assert len(alerts) == WATCHES
    session.commit()
    clock.forward(seconds=150)
    assert at_once(database, clock, escalation.run_due) == WATCHES
    once = Counter(alert.id for alert in alerts)
    assert per_alert(session, AlertEntryKind.OPENED) == once
    assert per_alert(session, AlertEntryKind.STEP) == once + once
    calls = select(func.count()).where(Message.kind == MessageKind.ALERT_STEP)
    assert session.scalar(calls) == 2 * WATCHES


def test_sweeping_and_climbing_at_once_loses_and_doubles_nothing(
    overdue, database, session, clock
):
    def guard(sessions: sessionmaker[Session], **options: Any) -> int:
        swept = watch_loop.sweep(sessions, **options)
        return swept + escalation.run_due(sessions, **options)

    assert at_once(database, clock, guard) == WATCHES
    clock.forward(minutes=15)  # the whole ladder is due
    assert at_once(database, clock, guard) == 4 * WATCHES
    assert session.scalars(select(Alert.moves).distinct()).all() == [5]
    once = Counter(session.scalars(select(Alert.id)).all())
    assert len(once) == WATCHES
    # nobody could be asked to look after a collector: all are in danger themselves
    assert per_alert(session, AlertEntryKind.REACHED_NOBODY) == once
    assert per_alert(session, AlertEntryKind.STEP) == once + once + once + once


def spoil_oldest_alert(session: Session) -> UUID:
    """Its ladder begins at the end of time, and it is the first in the row."""
    alert = session.scalars(select(Alert).order_by(Alert.next_action_at)).first()
    assert alert is not None
    earlier = alert.next_action_at - timedelta(seconds=60)
    begins = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    rubbish = {"ladder_from": begins, "next_action_at": earlier}
    session.execute(update(Alert).where(Alert.id == alert.id).values(**rubbish))
    session.commit()
    return alert.id


def test_an_alert_that_cannot_be_climbed_stops_no_other_and_is_named(
    overdue, database, session, clock
):
    watch_loop.sweep(database.sessions, clock_now=clock.now)
    poisoned = spoil_oldest_alert(session)
    clock.forward(seconds=150)
    with pytest.raises(ExceptionGroup) as failures:
        escalation.run_due(database.sessions, clock_now=clock.now)
    assert len(failures.value.exceptions) == 1
    steps = per_alert(session, AlertEntryKind.STEP)
    assert steps.pop(poisoned) == 1
    assert set(steps.values()) == {2}
    assert len(steps) == WATCHES - 1


def whose_alert_is_there(session: Session, watch: Watch) -> None:
    """Its key is taken, and the watch still runs: no alert of it can open."""
    alert = alerts.open_for(
        session,
        organisation_id=watch.organisation_id,
        kind=AlertKind.OVERDUE,
        dedup_key=f"overdue:{watch.id}:{watch.due_at.isoformat()}",
        user_id=watch.user_id,
        watch_id=watch.id,
        buddy_id=None,
        visit_id=watch.visit_id,
        now=watch.started_at,
    )
    alert.closed_at, alert.next_action_at = watch.started_at, None


def test_a_watch_whose_alert_cannot_be_opened_stops_neither_others_nor_ladders(
    overdue, database, session, clock, make
):
    watch_loop.sweep(database.sessions, clock_now=clock.now)
    broken, sound = Street(make, database), Street(make, database)
    for street in (broken, sound):
        street.phone(street.chen).check_in(street.visit)
    whose_alert_is_there(session, broken.watch(broken.chen))
    session.commit()
    clock.forward(minutes=31)
    runtime = Runtime(SETTINGS, database.engine, database.sessions, clock)
    with pytest.raises(ExceptionGroup):
        Worker(runtime).guard()
    session.expire_all()
    assert broken.watch(broken.chen).state is WatchState.ARMED
    assert sound.watch(sound.chen).state is WatchState.OVERDUE
    steps = per_alert(session, AlertEntryKind.STEP)
    assert sorted(steps.values()) == [1, 1] + [2] * WATCHES


def test_a_real_worker_logs_the_poison_row_and_helps_the_others(
    missed: Missed, premises: Premises
):
    missed.channel(ChannelKind.FILE)
    missed.at_the_door(length_s=0.1)
    until(
        "the alert of Chen",
        lambda: watch_loop.sweep(missed.database.sessions, clock_now=now_of(premises)),
    )
    spoil_oldest_alert(missed.make.session)
    street, length = missed.street, timedelta(seconds=0.1)
    visit = missed.make.visit(
        street.place, [street.zhou], starts_in=timedelta(0), length=length
    )
    street.phone(street.zhou).check_in(visit)
    street.session.commit()
    worker = premises.start("worker")
    until("the log", lambda: '"errors": [{"error": "OverflowError"' in worker.said())
    until(
        "help for Zhou",
        lambda: street.zhou.phone in [m["recipient"] for m in missed.delivered()],
    )


def now_of(premises: Premises) -> Callable[[Session], Any]:
    return lambda _: premises.clock.now()


def test_check_ins_at_two_visits_at_once_leave_one_armed_watch_and_no_error(
    street: Street, world: World
):
    second = street.make.visit(
        street.place, [street.chen, street.wu], starts_in=timedelta(minutes=50)
    )
    phone, gate = world.client_as(street.chen), threading.Barrier(2)
    clients = {visit.id: phone.client for visit in (street.visit, second)}
    world.clock.forward(minutes=10)

    def check_in(visit_id: UUID) -> Any:
        gate.wait()
        path = f"/v1/mobile/visits/{visit_id}/check-in"
        return clients[visit_id].post(path, json=world.act(), headers=phone.headers)

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(check_in, clients))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert all(answer.json["watch"]["watched"] for answer in answers)
    states = select(Watch.state).where(Watch.user_id == street.chen.id)
    assert Counter(street.session.scalars(states)) == Counter(
        [WatchState.ARMED, WatchState.SUPERSEDED]
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_visit_row_that_a_dead_host_holds_delays_no_alert_by_more_than_seconds(
    street: Street, world: World
):
    world.clock.forward(minutes=10)
    street.phone(street.chen).check_in(street.visit)
    street.session.commit()
    with world.database.sessions() as dead:
        watches.lock_visit(dead, street.make.actor(street.wu), street.visit.id)
        world.tick(minutes=30)
        assert street.alerts() == []
        world.tick(seconds=6)
        assert len(street.alerts()) == 1
        dead.rollback()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_extension_whose_commit_the_sweep_waits_for_opens_no_alert(
    street: Street, world: World
):
    street.phone(street.chen).check_in(street.visit)
    street.session.commit()
    world.clock.forward(minutes=30, seconds=6)  # the sweep has no more patience
    street.phone(street.chen).extend(street.visit, 600)
    sweep = partial(watch_loop.sweep, street.database.sessions)
    with ThreadPoolExecutor(1) as pool:
        swept = pool.submit(sweep, clock_now=world.clock.now)
        until("the sweep waits", partial(someone_waits, street.database))
        street.session.commit()
        assert swept.result() == 0
    assert street.alerts() == []
    assert street.watch(street.chen).state is WatchState.ARMED
