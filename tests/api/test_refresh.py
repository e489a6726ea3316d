"""Refresh over HTTP: the next pair, the same bytes again, a replay that is punished."""

from typing import Any

import pytest

from core import ids
from tests.api.conftest import Office
from tests.support.make import PASSWORD
from tests.support.world import Browser

URL = "/v1/auth/refresh"


class App:
    """The dispatcher's app on one device, logged in."""

    def __init__(self, office: Office) -> None:
        self.office, self.device_id = office, str(ids.new())
        user = office.street.dispatcher
        body = {"login": user.login, "password": PASSWORD, "device_id": self.device_id}
        body["organisation"] = office.organisation.slug
        self.pair = office.world.client_as(None).post("/v1/auth/login", body).json

    def refresh(self, token: str, **body: str) -> Any:
        """Present this refresh token."""
        with_token = Browser(self.office.world, token)
        return with_token.post(URL, {"device_id": self.device_id, **body})

    def is_in(self, pair: dict[str, str]) -> bool:
        """Does the access token open anything?"""
        held = Browser(self.office.world, pair["access_token"])
        return held.get("/v1/me").status_code == 200


@pytest.fixture
def app(office: Office) -> App:
    """A fresh log-in."""
    return App(office)


def test_each_pair_gives_the_next_one(app: App):
    pair, seen = app.pair, [app.pair["refresh_token"]]
    for _ in range(3):
        answer = app.refresh(pair["refresh_token"])
        assert answer.status_code == 200
        pair = answer.json
        assert app.is_in(pair)
        seen.append(pair["refresh_token"])
    assert len(set(seen)) == 4


def test_a_lost_answer_is_given_again_byte_for_byte(app: App):
    token = app.pair["refresh_token"]
    first = app.refresh(token)
    app.office.world.clock.forward(seconds=60)
    assert app.refresh(token).data == first.data
    assert app.is_in(first.json)


def test_a_replay_ends_the_log_in_and_stands_in_the_audit(app: App):
    token = app.pair["refresh_token"]
    pair = app.refresh(token).json
    app.office.world.clock.forward(seconds=61)
    answer = app.refresh(token)
    assert (answer.status_code, answer.json["title"]) == (401, "Not logged in")
    assert not app.is_in(pair)
    assert not app.is_in(app.pair)
    assert app.refresh(pair["refresh_token"]).status_code == 401
    auditor = app.office.make.user(app.office.organisation, "auditor")
    rows = app.office.world.client_as(auditor).get("/v1/audit", limit=200).json
    [row] = [one for one in rows["items"] if one["action"] == "login.replayed"]
    assert token not in str(row)
    assert row["actor_id"] == str(app.office.street.dispatcher.id)


def test_a_thief_with_the_token_alone_gets_nothing_and_the_owner_goes_on(app: App):
    token = app.pair["refresh_token"]
    assert app.refresh(token, device_id=str(ids.new())).status_code == 401
    pair = app.refresh(token).json
    assert app.is_in(pair)
    used = app.refresh(token, device_id=str(ids.new()))
    assert used.status_code == 401
    assert not app.is_in(pair)


def test_without_the_device_nothing_is_used_up(app: App):
    held = Browser(app.office.world, app.pair["refresh_token"])
    assert held.post(URL, {}).status_code == 422
    assert app.refresh(app.pair["refresh_token"]).status_code == 200


def test_the_app_s_own_id_stands_in_no_answer(app: App):
    held = Browser(app.office.world, app.pair["access_token"])
    assert held.get("/v1/devices").json["items"][0]["current"] is True
    for path in ("/v1/devices", "/v1/me"):
        assert app.device_id not in held.get(path).get_data(as_text=True)
