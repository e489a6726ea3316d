"""Devices over HTTP: registered, listed, revoked; a lost phone and its watch."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core import ids
from core.words import AlertKind, EventKind, MessageKind, Role, WatchState
from models import Alert, Message, WatchEvent
from tests.api.conftest import Office
from tests.support import walk
from tests.support.make import PASSWORD, PIN
from tests.support.world import Browser

POSITION = {"lon": 120.15, "lat": 30.27, "datum": "wgs84", "accuracy_m": 9}


class Lost:
    """Chen is at a door when his phone is reported lost; a thief holds it."""

    def __init__(self, office: Office) -> None:
        self.office, self.street, self.world = office, office.street, office.world
        self.street.phone(self.street.chen).check_in(self.street.visit)
        self.street.session.commit()
        self.held = walk.lost_phone(self.world, self.street.chen)
        self.phone = Browser(self.world, self.held["safety"])
        self.url = f"/v1/mobile/visits/{self.street.visit.id}"

    def send(self, act: str, **facts: Any) -> Any:
        """One act of the lost phone."""
        return self.phone.post(f"{self.url}/{act}", self.world.act(**facts))

    def watch(self) -> tuple[WatchState, Any]:
        """State and due as they are committed now."""
        self.street.session.expire_all()
        watch = self.street.watch(self.street.chen)
        return watch.state, watch.due_at

    def new_phone(self) -> Browser:
        """Chen logs in on another one."""
        body = {"organisation": self.office.organisation.slug, "password": PASSWORD}
        body |= {"login": self.street.chen.login, "device_id": str(ids.new())}
        tokens = self.world.client_as(None).post("/v1/auth/login", body).json
        return Browser(self.world, tokens["safety_token"])


@pytest.fixture
def lost(office: Office) -> Lost:
    """The phone is gone, the watch runs."""
    return Lost(office)


ACTS = {
    "departure": {"buddy_id": str(ids.new())},
    "check-in": {"position": POSITION},
    "extension": {"pin": PIN, "extend_s": 600, "position": POSITION},
    "check-out": {"pin": PIN, "outcome": "nobody", "position": POSITION},
    "withdrawal": {"position": POSITION},
}


@pytest.mark.parametrize("act", ACTS)
def test_what_a_lost_phone_reports_is_kept_and_changes_nothing(lost: Lost, act: str):
    before = lost.watch()
    answer = lost.send(act, **ACTS[act])
    assert answer.status_code == 200
    assert answer.json["result"] == "device_revoked"
    assert (answer.json["stored"], answer.json["watch"]) == (True, None)
    assert "Safety-Token" not in answer.headers
    assert lost.watch() == before
    session = lost.street.session
    [event] = session.scalars(select(WatchEvent).where(WatchEvent.from_revoked_device))
    assert event.kind.value == act.replace("-", "_").replace("departure", "depart") or (
        event.kind in (EventKind.EXTEND, EventKind.WITHDRAW)
    )
    assert (event.position, event.buddy_id, event.watch_id) == (None, None, None)


def test_the_answer_is_no_oracle_for_the_pin_or_the_watch(lost: Lost):
    said = []
    for pin in (PIN, "0000"):
        answer = lost.send("check-out", pin=pin, outcome="nobody").json
        said.append({**answer, "event_id": None})
    lost.new_phone().post(
        f"{lost.url}/check-out", lost.world.act(pin=PIN, outcome="nobody")
    )
    answer = lost.send("check-out", pin=PIN, outcome="nobody").json
    said.append({**answer, "event_id": None})
    assert said[0] == said[1] == said[2]


def test_a_repeated_act_gets_the_same_answer_and_officers_are_told_once(lost: Lost):
    body = lost.world.act(pin=PIN, outcome="nobody", position=POSITION)
    first, again = (lost.phone.post(f"{lost.url}/check-out", body) for _ in range(2))
    assert first.data == again.data
    lost.send("withdrawal")
    notes = select(Message).where(Message.kind == MessageKind.DISPATCHER_NOTE)
    [note] = lost.street.session.scalars(notes)
    assert note.user_id == lost.street.officer.id
    assert "挂失" in (note.body or "")


def test_what_was_set_aside_is_shown_to_those_who_look(lost: Lost):
    lost.send("check-out", pin=PIN, outcome="borrower_met")
    lost.world.tick(minutes=41)
    path = f"/v1/visits/{lost.street.visit.id}/set-aside"
    [shown] = lost.office[Role.DISPATCHER].get(path).json["items"]
    assert (shown["kind"], shown["outcome"]) == ("check_out", "borrower_met")
    assert shown["user_id"] == str(lost.street.chen.id)
    [alert] = lost.street.alerts()
    officer = lost.office[Role.SAFETY_OFFICER]
    seen = officer.get(f"/v1/alerts/{alert.id}").json["situation"]
    assert seen["set_aside"] == [shown]


def test_a_new_phone_takes_over_the_running_watch(lost: Lost):
    phone = lost.new_phone()
    day = phone.get("/v1/mobile/day").json
    assert day["watch"]["watched"] is True
    out = lost.world.act(pin=PIN, outcome="nobody")
    assert phone.post(f"{lost.url}/check-out", out).json["result"] == "ok"
    assert lost.watch()[0] is WatchState.CLOSED


def test_a_departure_that_was_set_aside_makes_nobody_a_partner(lost: Lost):
    zhou = lost.street.zhou
    held = walk.lost_phone(lost.world, zhou)
    left = lost.world.act(buddy_id=str(lost.street.officer.id))
    answer = Browser(lost.world, held["safety"]).post(f"{lost.url}/departure", left)
    assert answer.json["result"] == "device_revoked"
    lost.world.tick(minutes=41)
    [alert] = lost.street.alerts()
    officer = lost.office[Role.SAFETY_OFFICER]
    partners = officer.get(f"/v1/alerts/{alert.id}").json["situation"]["partners"]
    assert [one["user_id"] for one in partners] == [str(lost.street.wu.id)]


def sos(browser: Browser, **facts: Any) -> Any:
    """Help."""
    return browser.post("/v1/mobile/sos", browser.world.act(**facts))


def alarm(lost: Lost) -> Alert:
    """The one SOS alert."""
    lost.street.session.expire_all()
    [found] = lost.street.alerts(AlertKind.SOS)
    return found


def test_its_sos_always_raises_the_alert_and_says_where_it_came_from(lost: Lost):
    lost.world.channel(lost.street.officer)
    answer = sos(lost.phone, position=POSITION, words="help")
    assert (answer.status_code, answer.json["result"]) == (201, "ok")
    assert (answer.json["watch"], answer.json["contact"]) == (None, None)
    alert = alarm(lost)
    assert (alert.from_revoked_device, alert.watch_id is not None) == (True, True)
    officer = lost.office[Role.SAFETY_OFFICER]
    shown = officer.get(f"/v1/alerts/{alert.id}").json
    assert shown["from_revoked_device"] is True
    assert shown["timeline"][0]["detail"]["from_revoked_device"] is True
    situation = shown["situation"]
    assert situation["said"][0]["from_revoked_device"] is True
    assert situation["last_position"]["from_revoked_device"] is True
    assert situation["set_aside"] == []
    messages = lost.street.session.scalars(
        select(Message).where(Message.alert_id == alert.id)
    )
    bodies = {one.user_id: one.body or "" for one in messages}
    assert "挂失" in bodies[lost.street.officer.id]
    assert "挂失" not in "".join(
        body for who, body in bodies.items() if who != lost.street.officer.id
    )


def test_an_sos_of_another_phone_takes_the_mark_off_and_never_the_other_way(
    lost: Lost,
):
    sos(lost.phone)
    assert alarm(lost).from_revoked_device
    sos(lost.new_phone())
    assert not alarm(lost).from_revoked_device
    sos(lost.phone)
    assert not alarm(lost).from_revoked_device


def test_an_access_token_of_a_lost_phone_still_rings_for_help(lost: Lost):
    held = Browser(lost.world, lost.held["access"])
    assert sos(held).status_code == 201
    assert alarm(lost).from_revoked_device
    assert held.get("/v1/me").status_code == 401


def test_an_officer_revokes_at_night_and_the_log_in_ends(office: Office):
    chen = office.world.client_as(office.street.chen)
    [device] = chen.get("/v1/devices").json["items"]
    assert device["current"] is True
    officer = office[Role.SAFETY_OFFICER]
    listed = officer.get(f"/v1/users/{office.street.chen.id}/devices").json["items"]
    assert [one["id"] for one in listed] == [device["id"]]
    answer = officer.post(f"/v1/devices/{device['id']}/revocation")
    assert answer.status_code == 200
    assert answer.json["revoked_at"] is not None
    assert chen.get("/v1/me").status_code == 401


def test_the_device_in_hand_is_logged_out_not_revoked(office: Office):
    chen = office.world.client_as(office.street.chen)
    [device] = chen.get("/v1/devices").json["items"]
    answer = chen.post(f"/v1/devices/{device['id']}/revocation")
    assert answer.status_code == 409


def test_an_app_registers_its_own_device_and_no_token_comes_back(office: Office):
    app_id, chen = str(ids.new()), office.street.chen
    body = {"organisation": office.organisation.slug, "password": PASSWORD}
    body |= {"login": chen.login, "device_id": app_id}
    given = office.world.client_as(None).post("/v1/auth/login", body).json
    app = Browser(office.world, given["access_token"])
    facts = {"platform": "harmony", "app_version": "2.0", "push_token": "very-secret"}
    answer = app.put(f"/v1/devices/{app_id}", facts)
    assert answer.status_code == 200
    assert (answer.json["platform"], answer.json["push"]) == ("harmony", True)
    assert "very-secret" not in answer.get_data(as_text=True)
    assert app.put(f"/v1/devices/{ids.new()}", facts).status_code == 404
    wrong = {**facts, "platform": "toaster"}
    assert app.put(f"/v1/devices/{app_id}", wrong).status_code == 422
    assert UUID(answer.json["id"]) != UUID(app_id)
