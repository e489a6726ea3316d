"""What could leave a collector alone, each as it would happen, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from core.geo import Position
from core.words import AlertKind, MessageKind, Role
from models import User
from models.sealed import Envelope
from tests.support.make import HANGZHOU, PIN
from tests.support.street import Street
from tests.support.world import Browser, World

WITHDRAWN = {"reason": "borrower_asked"}


@pytest.fixture
def phone(street: Street, world: World) -> Browser:
    """Chen's phone, at the hour of his visit."""
    world.channel(street.chen)
    street.make.clock.forward(minutes=10)
    return world.phone_of(street.chen)


def at(street: Street, act: str) -> str:
    return f"/v1/mobile/visits/{street.visit.id}/{act}"


def depart(street: Street, world: World, phone: Browser, **body: Any) -> Any:
    buddy = {"buddy_id": str(street.zhou.id), **body}
    return phone.post(at(street, "departure"), world.act(**buddy))


def sos(street: Street, world: World, phone: Browser, **body: Any) -> set[Any]:
    """Press SOS; who is told at once."""
    assert phone.post("/v1/mobile/sos", world.act(**body)).status_code == 201
    street.session.expire_all()
    return {user.id for user in street.told()}


def damage(street: Street, user: User, column: str = "phone_sealed") -> None:
    """A value that was cut short on the disk."""
    setattr(user, column, Envelope(bytes(getattr(user, column))[:13]))
    street.session.commit()


def test_a_damaged_phone_of_one_costs_nobody_else_the_alarm(street, world, phone):
    damage(street, street.officer)
    assert street.zhou.id in sos(street, world, phone)


def test_a_missed_check_out_of_one_whose_phone_is_damaged_opens_an_alert(
    street, world, phone
):
    phone.post(at(street, "check-in"), world.act())
    damage(street, street.chen)
    world.tick(minutes=31)
    assert len(street.alerts()) == 1


def test_admins_are_told_where_no_officers_phone_can_be_read(street, world, phone):
    admin = street.make.user(street.organisation, Role.ADMIN)
    for officer in (street.officer, street.second_officer):
        damage(street, officer)
    sos(street, world, phone)
    world.tick(minutes=4)
    assert admin in street.told()


def test_a_check_out_pressed_before_arriving_unwatches_nobody(street, world, phone):
    early = world.act(pin=PIN, outcome="nobody")
    answer = phone.post(at(street, "check-out"), early).json
    assert answer["result"] == "before_check_in"
    street.make.clock.forward(seconds=20)
    answer = phone.post(at(street, "check-in"), world.act()).json
    assert answer["watch"]["watched"] is True


def test_the_buddy_of_the_departure_is_told_of_an_sos_on_the_way(street, world, phone):
    depart(street, world, phone)
    told = sos(street, world, phone)
    assert street.zhou.id in told
    assert street.wu.id not in told  # the partner, though no visit was named


def test_calling_the_visit_off_leaves_buddy_and_partner_what_they_are(
    street, world, phone
):
    for one in (phone, world.phone_of(street.wu)):
        assert depart(street, world, one).status_code == 200
    url = f"/v1/visits/{street.visit.id}/cancellation"
    assert world.client_as(street.dispatcher).post(url, WITHDRAWN).status_code == 200
    assert phone.post(at(street, "check-in"), world.act()).json["watch"]["watched"]
    street.session.expire_all()
    assert street.watch(street.chen).buddy_id == street.zhou.id
    told = sos(street, world, phone, visit_id=str(street.visit.id))
    assert street.zhou.id in told
    assert street.wu.id not in told
    [alert] = street.alerts(AlertKind.SOS)
    take = f"/v1/alerts/{alert.id}/acknowledgement"
    assert world.client_as(street.wu).post(take).status_code in (403, 404)


def test_those_near_the_pressed_button_are_asked_not_those_near_the_plan(
    street, world, phone
):
    beijing = Position(116.4, 39.9)
    near = [colleague(street, beijing) for _ in range(2)]
    for _ in range(2):
        colleague(street, HANGZHOU)
    fix = {"lon": 116.4, "lat": 39.9, "datum": "wgs84", "accuracy_m": 20}
    told = sos(street, world, phone, position=fix)
    assert {one.id for one in near} <= told


def colleague(street: Street, position: Position) -> User:
    """On duty, with a stop there just now."""
    user = street.make.user(street.organisation, Role.COLLECTOR)
    there = street.make.place(street.case, position=position)
    street.make.visit(there, [user], starts_in=-timedelta(minutes=5))
    return user


@pytest.mark.parametrize("why", ["off duty", "at a door himself"])
def test_a_buddy_who_cannot_help_is_not_asked(street, world, phone, why: str):
    depart(street, world, phone)
    zhou = world.client_as(street.zhou)
    if why == "off duty":
        assert zhou.put("/v1/me/duty", {"on": False}).status_code == 200
    else:
        there = street.make.place(street.case)
        street.phone(street.zhou).check_in(street.make.visit(there, [street.zhou]))
    assert street.zhou.id not in sos(street, world, phone)


def test_one_who_cannot_take_an_alert_cannot_be_the_buddy(street, world, phone):
    auditor = street.make.user(street.organisation, Role.AUDITOR)
    refused = depart(street, world, phone, buddy_id=str(auditor.id))
    assert refused.status_code == 422


def test_one_with_an_open_sos_of_his_own_cannot_take_an_alert(street, world, phone):
    sos(street, world, phone)
    zhou = world.phone_of(street.zhou)
    zhou.post("/v1/mobile/sos", world.act())
    street.session.expire_all()
    [first, _] = street.alerts(AlertKind.SOS)
    take = f"/v1/alerts/{first.id}/acknowledgement"
    assert world.client_as(street.zhou).post(take).status_code == 403


def test_a_colleague_cannot_keep_an_alert_from_the_safety_officers(
    street, world, phone
):
    depart(street, world, phone)
    phone.post(at(street, "check-in"), world.act())
    world.tick(minutes=31)
    world.tick(minutes=5)
    [alert] = street.alerts()
    take = f"/v1/alerts/{alert.id}/acknowledgement"
    for _ in range(6):
        assert world.client_as(street.zhou).post(take).status_code == 200
        world.tick(minutes=4)
    assert street.officer in street.told()


def test_an_admin_who_was_told_in_place_of_officers_can_end_an_sos(
    street, world, phone
):
    admin = street.make.user(street.organisation, Role.ADMIN)
    browser = world.client_as(admin)
    assert browser.get("/v1/alerts").json["items"] == []
    for officer in (street.officer, street.second_officer):
        browser.post(f"/v1/users/{officer.id}/suspension")
    assert admin.id in sos(street, world, phone)
    [alert] = browser.get("/v1/alerts").json["items"]
    path = f"/v1/alerts/{alert['id']}"
    assert browser.post(f"{path}/acknowledgement").status_code == 200
    words = {"words": "Spoke to him, he is at the office."}
    dispatcher = world.client_as(street.dispatcher)
    assert dispatcher.post(f"{path}/closing", words).status_code == 403
    assert browser.post(f"{path}/closing", words).status_code == 200


def test_an_alert_does_not_rest_with_a_suspended_owner(street, world, phone):
    sos(street, world, phone)
    [alert] = street.alerts(AlertKind.SOS)
    take = f"/v1/alerts/{alert.id}/acknowledgement"
    assert world.client_as(street.officer).post(take).status_code == 200
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    admin.post(f"/v1/users/{street.officer.id}/suspension")
    world.tick(seconds=1)
    assert street.second_officer in street.told()


def test_a_withdrawal_reaches_somebody_without_dispatchers(street, world, phone):
    admin = world.client_as(street.make.user(street.organisation, Role.ADMIN))
    admin.post(f"/v1/users/{street.dispatcher.id}/suspension")
    phone.post(at(street, "check-in"), world.act())
    damage(street, street.chen, "name_sealed")
    assert phone.post(at(street, "withdrawal"), world.act()).status_code == 200
    street.session.expire_all()
    assert street.officer in street.told(MessageKind.WITHDRAWAL)
