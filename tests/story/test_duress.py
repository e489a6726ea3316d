"""Promise 6: duress is invisible; the answer is the same, and only officers see it."""

import re
from typing import Any

import pytest

from core.words import AlertKind, Role
from tests.support.clock import MORNING
from tests.support.make import DURESS_PIN, DURESS_PIN_HASH, PIN
from tests.support.street import Street
from tests.support.world import Browser, World

# what any two acts differ in: ids, instants and how long ago they were
VARIES = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.+]+"
)
PEOPLE = re.compile(r"(?<=[张李])\d+|user\d+|\+86138\d{8}")  # numbered by the test
SCREENS = ("/v1/mobile/day", "/v1/mobile/alerts", "/v1/me", "/v1/devices")


def arrived(world: World, street: Street) -> Browser:
    street.chen.duress_pin_hash = DURESS_PIN_HASH
    world.channel(street.chen)
    phone = world.client_as(street.chen)
    street.make.clock.forward(minutes=10)
    path = f"/v1/mobile/visits/{street.visit.id}/check-in"
    assert phone.post(path, world.act()).json["watch"]["watched"] is True
    return phone


def seen(response: Any) -> tuple[object, ...]:
    """Status, headers and body as whoever reads over his shoulder sees them."""
    body = response.get_data(as_text=True)
    plain = PEOPLE.sub("#", VARIES.sub("#", body))
    own = {"ETag", "X-Request-Id"}  # different for any two answers
    if PEOPLE.search(body):
        own.add("Content-Length")
    headers = [(name, value) for name, value in response.headers if name not in own]
    return response.status_code, headers, plain


def act(kind: str, pin: str) -> dict[str, object]:
    more = {"outcome": "nobody"} if kind == "check-out" else {"extend_s": 600}
    return {"pin": pin, **more}


@pytest.mark.parametrize("kind", ["check-out", "extension"])
@pytest.mark.parametrize("late", [0, 36])
def test_6_all_that_the_phone_can_read_is_as_after_the_ordinary_pin(
    street: Street, world: World, kind: str, late: int
):
    shown = {}
    twin = Street(street.make, street.database)
    for one, pin in ((street, PIN), (twin, DURESS_PIN)):
        world.clock.time = MORNING
        phone = arrived(world, one)
        world.tick(minutes=late)
        path = f"/v1/mobile/visits/{one.visit.id}/{kind}"
        body = world.act(**act(kind, pin))
        answers = [phone.post(path, body), phone.post(path, body)]
        world.tick(seconds=1)
        answers += [phone.get(screen) for screen in SCREENS]
        answers.append(phone.post(path, world.act(**act(kind, PIN))))
        shown[pin] = [seen(answer) for answer in answers]
    assert shown[PIN] == shown[DURESS_PIN]
    assert len(twin.alerts(AlertKind.DURESS)) == 1


def test_6_only_officers_are_told_and_nobody_is_to_phone_him(
    street: Street, world: World
):
    phone = arrived(world, street)
    path = f"/v1/mobile/visits/{street.visit.id}/check-out"
    phone.post(path, world.act(**act("check-out", DURESS_PIN)))
    world.tick(seconds=1)
    world.tick(seconds=45)
    officers = {street.officer.phone, street.second_officer.phone}
    assert {message.recipient for message in world.carried.sent} == officers
    assert all("切勿致电" in message.body for message in world.carried.sent)


@pytest.mark.parametrize("role", [Role.DISPATCHER, Role.ADMIN, Role.AUDITOR])
def test_6_no_desk_but_the_officers_shows_it(street: Street, world: World, role: Role):
    phone = arrived(world, street)
    path = f"/v1/mobile/visits/{street.visit.id}/check-out"
    phone.post(path, world.act(**act("check-out", DURESS_PIN)))
    world.tick(seconds=1)
    [alert] = street.alerts(AlertKind.DURESS)
    desk = world.client_as(street.make.user(street.organisation, role))
    for screen in ("/v1/alerts", "/v1/audit", "/v1/messages"):
        answer = desk.get(screen, limit=200)
        assert answer.status_code in (200, 403)
        text = answer.get_data(as_text=True)
        assert str(alert.id) not in text
        assert "silent" not in text
        assert "duress" not in text
    assert desk.get(f"/v1/alerts/{alert.id}").status_code in (403, 404)
    officer = world.client_as(street.officer)
    assert officer.get(f"/v1/alerts/{alert.id}").json["kind"] == "duress"
