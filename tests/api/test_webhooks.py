"""Webhooks over HTTP: who manages them, the secret shown once, the test button."""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from accounts import sealer
from contact.webhooks import intake, sending
from core.words import Role
from server.app import create_app
from tests.api.conftest import Office
from tests.support.receiver import Receiver, signed_with

BODY = {"url": "https://hooks.example/in?token=1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system of somebody else."""
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def intranet(office: Office) -> Office:
    """An installation whose operator lets webhooks lead anywhere."""
    here = office.world.app.extensions["vouchsafe"]
    settings = replace(here.settings, webhooks_anywhere=True)
    office.world.app = create_app(replace(here, settings=settings))
    return office


def delivered(office: Office) -> None:
    """What the worker would do."""
    office.make.session.commit()
    sessions, now = office.world.database.sessions, office.world.clock.now
    sealer.seal(sessions, clock_now=now)
    intake.take_in(sessions, clock_now=now)
    sending.round_(sessions, clock_now=now, stopwatch=time.monotonic, anywhere=True)


def test_the_secret_is_shown_once_and_to_nobody_again(office: Office):
    admin = office[Role.ADMIN]
    made = admin.post("/v1/webhooks", BODY)
    assert made.status_code == 201
    assert made.json["secret"].startswith("whsec_")
    url = f"/v1/webhooks/{made.json['id']}"
    assert "secret" not in admin.get(url).json
    listed = admin.get("/v1/webhooks").get_data(as_text=True)
    assert made.json["id"] in listed
    assert made.json["secret"] not in listed
    assert made.json["audience"] == "staff"


def test_what_could_not_be_used_is_refused(office: Office):
    admin = office[Role.ADMIN]
    for change in (
        {"url": "http://hooks.example/in"},
        {"url": "https://127.0.0.1/in"},
        {"url": "https://[fd00::1]/in"},
        {"url": "hooks"},
        {"types": ["visit.painted"]},
        {"types": "visit.published"},
    ):
        refused = admin.post("/v1/webhooks", {**BODY, **change})
        assert refused.status_code == 422, change
    assert admin.get("/v1/webhooks").json["items"] == []


def test_admins_and_officers_each_see_their_own(office: Office):
    admin, officer = office[Role.ADMIN], office[Role.SAFETY_OFFICER]
    theirs = officer.post("/v1/webhooks", BODY).json
    assert theirs["audience"] == "safety_officers"
    url = f"/v1/webhooks/{theirs['id']}"
    assert admin.get("/v1/webhooks").json["items"] == []
    assert admin.get(url).status_code == 404
    assert admin.client.delete(url, headers=admin.headers).status_code == 404
    assert admin.post(f"{url}/test").status_code == 404
    assert officer.get(url).status_code == 200


def test_a_change_needs_the_version_that_was_read(office: Office):
    admin = office[Role.ADMIN]
    url = f"/v1/webhooks/{admin.post('/v1/webhooks', BODY).json['id']}"
    tag = admin.get(url).headers["ETag"]
    types = {"types": ["visit.cancelled"]}
    named = {**admin.headers, "If-Match": tag}
    changed = admin.client.patch(url, json=types, headers=named)
    assert changed.json["types"] == ["visit.cancelled"]
    again = admin.client.patch(url, json={"types": []}, headers=named)
    assert again.status_code == 412
    off = admin.put(f"{url}/enabled", {"enabled": False}).json
    assert (off["enabled"], off["disabled_for"]) == (False, "by_hand")
    assert admin.put(f"{url}/enabled", {"enabled": True}).json["enabled"] is True


def test_the_test_button_shows_what_came_back(intranet: Office, receiver: Receiver):
    admin = intranet[Role.ADMIN]
    made = admin.post("/v1/webhooks", {"url": receiver.url}).json
    url = f"/v1/webhooks/{made['id']}/test"
    answer = admin.post(url).json
    assert (answer["accepted"], answer["status"]) == (True, 204)
    [event] = receiver.came
    assert (event["type"], event["id"]) == ("webhook.test", answer["event_id"])
    assert signed_with(made["secret"], receiver.headers[0], receiver.bodies[0])
    receiver.answer = lambda _: 500
    refused = admin.post(url).json
    assert (refused["accepted"], refused["reason"]) == (False, "HTTP 500")
    receiver.close()
    silent = admin.post(url).json
    assert (silent["accepted"], silent["status"]) == (False, None)
    assert silent["reason"] == "refused"


def test_a_name_that_leads_home_is_found_out_when_it_is_connected_to(office: Office):
    admin = office[Role.ADMIN]
    made = admin.post("/v1/webhooks", {"url": "https://localhost/in"}).json
    answer = admin.post(f"/v1/webhooks/{made['id']}/test").json
    assert (answer["accepted"], answer["status"]) == (False, None)
    assert answer["reason"] == "not_public"


def test_for_a_day_both_secrets_sign(intranet: Office, receiver: Receiver):
    admin = intranet[Role.ADMIN]
    old = admin.post("/v1/webhooks", {"url": receiver.url}).json
    url = f"/v1/webhooks/{old['id']}"
    new = admin.post(f"{url}/secret").json
    assert new["secret"] != old["secret"]

    def signed() -> list[bool]:
        admin.post(f"{url}/test")
        sent = receiver.headers[-1], receiver.bodies[-1]
        return [signed_with(one["secret"], *sent) for one in (old, new)]

    assert signed() == [True, True]
    intranet.world.clock.forward(hours=25)
    assert signed() == [False, True]


def deliveries(client: Any, url: str, **query: str) -> list[dict[str, Any]]:
    """The list of a webhook's deliveries."""
    return list(client.get(f"{url}/deliveries", **query).json["items"])


def test_deliveries_are_listed_and_sent_again(intranet: Office, receiver: Receiver):
    admin = intranet[Role.ADMIN]
    url = f"/v1/webhooks/{admin.post('/v1/webhooks', {'url': receiver.url}).json['id']}"
    receiver.answer = lambda _: 500
    delivered(intranet)
    waiting = deliveries(admin, url, state="pending")
    [made] = [one for one in waiting if one["type"] == "webhook.created"]
    assert (made["status"], made["attempt"]) == (500, 1)
    assert deliveries(admin, url, state="delivered") == []
    receiver.answer = lambda _: 200
    again = admin.post(f"{url}/deliveries/{made['id']}/redelivery")
    assert (again.status_code, again.json["state"]) == (200, "pending")
    delivered(intranet)
    ids = [one["id"] for one in receiver.came]
    assert ids.count(made["event_id"]) == 2
    listed = deliveries(admin, url, state="delivered")
    assert made["id"] in [one["id"] for one in listed]
    assert intranet.walk(admin, f"{url}/deliveries")


def test_deleting_forgets_what_is_on_its_way(intranet: Office, receiver: Receiver):
    admin = intranet[Role.ADMIN]
    url = f"/v1/webhooks/{admin.post('/v1/webhooks', {'url': receiver.url}).json['id']}"
    delivered(intranet)
    assert admin.client.delete(url, headers=admin.headers).status_code == 200
    assert admin.get(url).status_code == 404


def test_the_types_are_listed_with_who_may_be_told(office: Office):
    listed = office[Role.ADMIN].get("/v1/event-types").json["items"]
    assert {one["audience"] for one in listed} == {"staff"}
    assert "visit.published" in [one["type"] for one in listed]
    more = office[Role.SAFETY_OFFICER].get("/v1/event-types").json["items"]
    assert [one for one in listed if one not in more] == []
