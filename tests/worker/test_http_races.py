"""Requests that arrive at once, over HTTP in real threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from core.words import AlertKind, Role, UserState, WatchState
from models import Alert, Visit, Visitor, Watch
from safety import alerts
from tests.support.databases import someone_waits
from tests.support.premises import until
from tests.support.street import Street
from tests.support.world import World

ROUNDS = 3


def at_once(jobs: list[Callable[[], int]]) -> list[int]:
    """What each answered; all begin together."""
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], int]) -> int:
        gate.wait()
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def test_however_many_an_sos_and_its_repetitions_none_is_refused(
    street: Street, world: World
):
    pair = [street.chen, street.make.user(street.organisation, Role.COLLECTOR)]
    other = street.make.visit(street.place, pair, starts_in=timedelta(hours=2))
    phone, ids = world.phone_of(street.chen), (street.visit.id, other.id)
    street.session.commit()

    def post(path: str, body: dict[str, object]) -> Callable[[], int]:
        client, url = world.app.test_client(), f"/v1/mobile/{path}"
        return lambda: client.post(url, json=body, headers=phone.headers).status_code

    for _ in range(ROUNDS):
        same = world.act()
        jobs = [post(f"visits/{one}/check-in", world.act()) for one in ids]
        jobs += [post("sos", same) for _ in range(3)]
        jobs += [post("sos", world.act()) for _ in range(3)]
        assert set(at_once(jobs)) <= {200, 201}
    armed = select(func.count(Watch.id)).where(Watch.state == WatchState.ARMED)
    assert street.session.scalar(armed) == 1
    alarms = select(func.count(Alert.id)).where(Alert.kind == AlertKind.SOS)
    assert street.session.scalar(alarms) == 1


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nobody_departs_on_the_permission_of_a_plan_that_has_just_changed(
    street: Street, world: World
):
    world.channel(street.chen)
    phone = world.phone_of(street.chen)
    left = world.act(buddy_id=str(street.zhou.id))
    client, url = phone.client, f"/v1/mobile/visits/{street.visit.id}/departure"
    depart = partial(client.post, url, json=left, headers=phone.headers)
    with ThreadPoolExecutor(1) as pool, street.database.sessions() as planner:
        visit = planner.get_one(Visit, street.visit.id, with_for_update=True)
        visit.planned_start += timedelta(days=3)
        visit.planned_end += timedelta(days=3)
        planner.flush()
        answer = pool.submit(depart)
        until("the departure waits", partial(someone_waits, street.database))
        planner.commit()
        assert answer.result().status_code == 409
    reasons = answer.result().json["reasons"]
    assert "VISIT-WINDOW" in {reason["rule_id"] for reason in reasons}
    assert street.session.scalars(select(Visitor.departed_at)).all() == [None, None]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_owner_is_suspended_although_one_of_his_alerts_closes_just_then(
    street: Street, world: World
):
    session, clock = street.session, street.make.clock
    for collector in (street.chen, street.wu):
        street.phone(collector).sos()
    officer = street.make.actor(street.officer)
    closing, owned = street.alerts(AlertKind.SOS)
    for alert in (closing, owned):
        alerts.acknowledge(session, officer, alert.id, now=clock.now())
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    client, url = admin.client, f"/v1/users/{street.officer.id}/suspension"
    suspend = partial(client.post, url, headers=admin.headers)
    with ThreadPoolExecutor(1) as pool, street.database.sessions() as other:
        end = partial(alerts.end, other, how="closed_by_person", words=None)
        alert = other.get_one(Alert, closing.id)
        assert end(alert, closed_by=street.second_officer.id, now=clock.now())
        answer = pool.submit(suspend)
        until("the suspension waits", partial(someone_waits, street.database))
        other.commit()
        assert answer.result().status_code == 200
    session.refresh(owned)
    assert owned.next_action_at == clock.now()
    session.refresh(street.officer)
    assert street.officer.state is UserState.SUSPENDED
