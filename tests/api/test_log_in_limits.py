"""Guessing at a log-in waits longer and longer; the owner of the login does not."""

import threading
from concurrent.futures import ThreadPoolExecutor

from core import ids
from core.words import Role
from server.endpoint import CONTRACTS
from tests.api.conftest import Office
from tests.api.test_auth import log_in
from tests.support.make import PASSWORD, PIN


def guess(office: Office, times: int, **changes: object) -> list[int]:
    """The statuses of so many wrong log-ins at one login."""
    user = office.street.chen
    wrong = {"password": "not the password", **changes}
    return [log_in(office, user, **wrong).status_code for _ in range(times)]


def test_the_sixth_wrong_password_is_answered_when_to_come_back(office: Office):
    assert guess(office, 6) == [401] * 5 + [429]
    answer = log_in(office, office.street.chen)  # even with the right one
    assert answer.status_code == 429
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == "/problems/too_many_tries"
    assert answer.headers["Retry-After"] == "1"
    office.world.clock.forward(seconds=1)
    assert log_in(office, office.street.chen).status_code == 200
    assert guess(office, 6) == [401] * 5 + [429]


def test_nothing_tells_whether_a_login_exists(office: Office):
    def asked(login: str | None) -> list[object]:
        answers = [
            log_in(office, office.street.chen, login=login, password="not right")
            for _ in range(9)
        ]
        return [
            (one.status_code, one.json["detail"], one.headers.get("Retry-After"))
            for one in answers
        ]

    assert asked(office.street.zhou.login) == asked("nobody")


def test_the_owner_logs_in_on_his_own_phone_while_others_guess(office: Office):
    chen, phone = office.street.chen, str(ids.new())
    assert log_in(office, chen, device_id=phone).status_code == 200
    assert guess(office, 8)[-1] == 429
    assert log_in(office, chen, device_id=phone).status_code == 200
    assert log_in(office, office.street.zhou).status_code == 200


def test_parallel_guesses_get_no_more_than_those_in_a_row(office: Office):
    office.make.session.commit()
    gate = threading.Barrier(16)
    client = office.world.client_as(None)
    body = {
        "organisation": office.organisation.slug,
        "login": office.street.chen.login,
        "password": "not the password",
        "device_id": str(ids.new()),
    }
    asked = [office.world.app.test_client() for _ in range(16)]

    def post(number: int) -> int:
        gate.wait()
        return asked[number].post("/v1/auth/login", json=body).status_code

    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(pool.map(post, range(16)))
    assert statuses == [401] * 5 + [429] * 11
    assert client.post("/v1/auth/login", body).status_code == 429


def test_a_password_is_not_guessed_through_the_change_of_a_pin(office: Office):
    user = office.user(Role.COLLECTOR, login="guessed")
    client, other = office.world.client_as(user), office.world.client_as(user)
    body = {"password": "not the password", "pin": "7913"}
    statuses = [client.put("/v1/me/pin", body).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    change = {"old": "not the password", "new": "a new password of mine"}
    assert client.put("/v1/me/password", change).status_code == 429
    right = {"password": PASSWORD, "pin": "7913"}
    assert other.put("/v1/me/pin", right).status_code == 200


def test_right_proofs_are_never_limited(office: Office):
    client = office[Role.DISPATCHER]
    for number in range(12):
        body = {"password": PASSWORD, "pin": f"79{number:02d}"}
        assert client.put("/v1/me/pin", body).status_code == 200
        assert log_in(office, office.street.chen).status_code == 200


def test_no_delay_stands_before_an_sos_or_a_watch(office: Office):
    limited = {contract.path for contract in CONTRACTS if contract.limit is not None}
    assert "/v1/auth/login" in limited
    assert not any(path.startswith("/v1/mobile/") for path in limited)
    street, world = office.street, office.world
    phone = world.phone_of(street.chen)
    url = f"/v1/mobile/visits/{street.visit.id}"
    guess(office, 8)
    world.clock.forward(minutes=10)
    assert phone.post(f"{url}/check-in", world.act()).status_code == 200
    for _ in range(9):
        wrong = phone.post(f"{url}/check-out", world.act(pin="0000", outcome="nobody"))
        assert wrong.json["result"] == "wrong_pin"
    right = phone.post(f"{url}/check-out", world.act(pin=PIN, outcome="nobody"))
    assert right.json["result"] == "ok"
    assert phone.post("/v1/mobile/sos", world.act()).status_code == 201
