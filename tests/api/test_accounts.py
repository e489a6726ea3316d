"""The own account: secrets and duty."""

import pytest

from core.words import Role
from tests.api.conftest import Office
from tests.api.test_auth import log_in
from tests.support.make import PASSWORD


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.AUDITOR])
def test_everybody_reads_himself_and_no_secret(office: Office, role: Role):
    user = office.user(role)
    me = office.world.client_as(user).get("/v1/me")
    assert me.status_code == 200
    assert me.json["name"] == user.name
    assert me.json["role"] == role
    assert set(me.json) == {
        "id",
        "login",
        "name",
        "phone",
        "role",
        "state",
        "on_duty_since",
    }


def test_duty_goes_on_and_off(office: Office):
    client = office[Role.SAFETY_OFFICER]
    assert client.put("/v1/me/duty", {"on": False}).json["on_duty_since"] is None
    on = client.put("/v1/me/duty", {"on": True}).json["on_duty_since"]
    assert on.startswith("2026-11-24T02:00:00")
    office.world.clock.forward(minutes=5)
    again = client.put("/v1/me/duty", {"on": True})
    assert again.json["on_duty_since"] == on


def test_another_pin_needs_the_password(office: Office):
    client = office[Role.COLLECTOR]
    wrong = client.put("/v1/me/pin", {"password": "not mine at all", "pin": "4711"})
    assert wrong.status_code == 422
    assert "password" in wrong.json["fields"]
    right = client.put("/v1/me/pin", {"password": PASSWORD, "pin": "4711"})
    assert right.status_code == 200
    assert "4711" not in right.get_data(as_text=True)


def test_the_new_pin_is_the_one_that_closes_a_watch(office: Office):
    street, world = office.street, office.world
    client = office[Role.COLLECTOR]
    client.put("/v1/me/pin", {"password": PASSWORD, "pin": "4711"})
    world.clock.forward(minutes=10)
    url = f"/v1/mobile/visits/{street.visit.id}"
    client.post(f"{url}/check-in", world.act())
    old = client.post(f"{url}/check-out", world.act(pin="2580", outcome="nobody"))
    assert old.json["watch"]["watched"] is True
    new = client.post(f"{url}/check-out", world.act(pin="4711", outcome="nobody"))
    assert new.json["watch"]["watched"] is False


def test_a_duress_pin_is_chosen_with_the_pin_and_never_shown(office: Office):
    client = office[Role.COLLECTOR]
    body = {"password": PASSWORD, "pin": "4711"}
    for duress_pin in ("4712", "47110", "1234"):
        near = client.put("/v1/me/pin", {**body, "duress_pin": duress_pin})
        assert near.status_code == 422
        assert list(near.json["fields"]) == ["duress_pin"]
        assert duress_pin not in near.get_data(as_text=True)
    done = client.put("/v1/me/pin", {**body, "duress_pin": "4859"})
    assert done.status_code == 200
    assert done.json.keys() == client.get("/v1/me").json.keys()
    assert "duress" not in done.get_data(as_text=True)
    alone = client.put("/v1/me/pin", {"password": PASSWORD, "pin": "7913"})
    assert list(alone.json["fields"]) == ["duress_pin"]


def test_another_password_ends_the_log_ins_elsewhere(office: Office):
    user = office.user(Role.DISPATCHER)
    here, elsewhere = office.world.client_as(user), office.world.client_as(user)
    body = {"old": PASSWORD, "new": "a much better password"}
    assert here.put("/v1/me/password", body).status_code == 200
    assert here.get("/v1/me").status_code == 200
    assert elsewhere.get("/v1/me").status_code == 401
    assert log_in(office, user).status_code == 401
    assert log_in(office, user, password=body["new"]).status_code == 200


def test_a_password_that_cannot_be_taken_changes_nothing(office: Office):
    user = office.user(Role.DISPATCHER)
    client = office.world.client_as(user)
    for old, new in (
        ("not mine at all", "a much better password"),
        (PASSWORD, PASSWORD),
        (PASSWORD, "short"),
    ):
        refused = client.put("/v1/me/password", {"old": old, "new": new})
        assert refused.status_code == 422
    assert log_in(office, user).status_code == 200


def test_a_phone_begins_its_shift_with_the_safety_token_alone(office: Office):
    collector = office.user(Role.COLLECTOR, on_duty_since=None)
    phone = office.world.phone_of(collector)
    on = phone.put("/v1/me/duty", {"on": True})
    assert (on.status_code, on.json["on_duty_since"] is None) == (200, False)
    assert phone.put("/v1/me/duty", {"on": False}).json["on_duty_since"] is None
    assert phone.get("/v1/me").status_code == 401
