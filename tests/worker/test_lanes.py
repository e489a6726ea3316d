"""An SOS on a real web server whose other threads are all taken."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select

from accounts import safety_tokens
from core import ids
from models import Device, Visit, database
from safety import watches
from server import clock
from server.lanes import Kind, kind
from tests.support.make import Make
from tests.support.premises import Premises
from tests.support.street import Street
from tests.support.world import World

ENOUGH = 8


class Phone:
    """Chen's phone with a safety token, over HTTP."""

    def __init__(self, premises: Premises, street: Street) -> None:
        self.premises = premises
        device = Device(
            organisation_id=street.organisation.id,
            user_id=street.chen.id,
            app_id=ids.new(),
            created_at=premises.clock.now(),
            last_login_at=premises.clock.now(),
        )
        street.session.add(device)
        street.session.commit()
        actor = replace(street.make.actor(street.chen), device_id=device.id)
        token = safety_tokens.issue(actor=actor, now=clock.real())
        self.headers = {"Authorization": f"Bearer {token}"}

    def post(self, path: str, **facts: object) -> requests.Response:
        """An act that happens now."""
        return requests.post(
            f"{self.premises.base}/v1/mobile/{path}",
            json={"event_id": str(uuid4()), **facts},
            headers=self.headers,
            timeout=60,
        )

    def sos_within(self, seconds: float) -> None:
        """The SOS is stored, and soon."""
        began = time.monotonic()
        assert self.post("sos").status_code == 201
        assert time.monotonic() - began < seconds


@pytest.fixture
def street(premises: Premises, session) -> Street:
    return Street(Make(session, premises.clock), premises.database)


def together(work: Callable[[], object], many: int) -> list[threading.Thread]:
    """Started, not joined."""
    threads = [threading.Thread(target=work) for _ in range(many)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_an_sos_gets_through_while_check_ins_hang_on_a_row_of_a_dead_host(
    premises: Premises, street: Street
):
    phone, visit_id = Phone(premises, street), street.visit.id
    premises.start("web")
    now = premises.clock.now().isoformat()

    def check_in() -> None:
        phone.post(f"visits/{visit_id}/check-in", occurred_at=now, sent_at=now)

    with premises.database.sessions() as dead:
        row = select(Visit.id).where(Visit.id == visit_id)
        dead.scalar(row.with_for_update(key_share=True))
        hanging = together(check_in, ENOUGH)
        time.sleep(0.5)
        phone.sos_within(2)
        dead.rollback()
    for thread in hanging:
        thread.join()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_waits_too_long_for_a_row_is_told_to_come_back(
    monkeypatch, street: Street, world: World
):
    monkeypatch.setattr(database, "LOCK_S", 0.2)
    world.database.engine.dispose()
    with world.database.sessions() as other:
        watches.lock_visit(other, street.make.actor(street.chen), street.visit.id)
        url = f"/v1/mobile/visits/{street.visit.id}/check-in"
        answer = world.phone_of(street.chen).post(url, world.act())
        assert (answer.status_code, answer.json["type"]) == (503, "/problems/busy")
        assert answer.headers["Retry-After"] == "2"


def test_an_sos_gets_through_beside_strangers_who_try_passwords(
    premises: Premises, street: Street
):
    phone, stop = Phone(premises, street), threading.Event()
    premises.start("web")
    body = {"organisation": "x", "login": "nobody", "password": "y" * 20}

    def flood() -> None:
        while not stop.is_set():
            device = {"device_id": str(uuid4())}
            url = f"{premises.base}/v1/auth/login"
            requests.post(url, json=body | device, timeout=60)

    strangers = together(flood, 4 * ENOUGH)
    try:
        time.sleep(1)
        for _ in range(3):
            phone.sos_within(2)
    finally:
        stop.set()
        for thread in strangers:
            thread.join()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_vanished_host_loses_its_row_and_nobody_waits_without_limit(
    premises: Premises,
):
    with premises.database.engine.connect() as connection:
        for name, value in (
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "15s"),
        ):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar() == value


@pytest.mark.parametrize(("path", "expected"), [
    ("/v1/mobile/sos", Kind.SOS),
    ("/v1/mobile/visits/1/check-out", Kind.WATCH),
    ("/v1/auth/login", Kind.LOG_IN),
    ("/safety/login", Kind.LOG_IN),
    ("/account/password", Kind.LOG_IN),
    ("/v1/account/pin", Kind.LOG_IN),
    ("//v1/auth/login/", Kind.LOG_IN),
    ("/v1/imports", Kind.ORDINARY),
    ("", Kind.ORDINARY),
])  # fmt: skip
def test_the_path_alone_says_which_lane(path: str, expected: Kind):
    assert kind(path) is expected
