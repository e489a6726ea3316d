"""Rotas over HTTP: layers, overrides, spans, and who may do what."""

from itertools import pairwise
from typing import Any

import pytest

from core.words import Role
from tests.api.conftest import Office
from tests.support.world import Browser

URL = "/v1/rotas"
LAYER = {"starts_on": "2026-11-23", "hand_over": "09:00", "turn_days": 7, "hours": None}


def body(office: Office, **changes: Any) -> dict[str, Any]:
    """A rota of both officers."""
    street = office.street
    people = [str(street.officer.id), str(street.second_officer.id)]
    facts = {"name": "On call", "time_zone": "Asia/Shanghai", "standing": True}
    return {**facts, "layers": [{**LAYER, "participants": people}], **changes}


def layered(office: Office, **changes: Any) -> dict[str, Any]:
    """A rota with something else in its layer."""
    [layer] = body(office)["layers"]
    return body(office, layers=[{**layer, **changes}])


@pytest.fixture
def officer(office: Office) -> Browser:
    return office.world.client_as(office.street.officer)


def test_a_rota_is_made_read_listed_changed_and_deleted(
    office: Office, officer: Browser
):
    hours = {"weekdays": [1, 2], "begins": "18:00", "ends": "08:00"}
    made = officer.post(URL, layered(office, hours=hours))
    assert made.status_code == 201, made.json
    url = f"{URL}/{made.json['id']}"
    for reader in (Role.ADMIN, Role.DISPATCHER, Role.AUDITOR):
        assert office[reader].get(url).json == made.json
    assert made.json["layers"] == layered(office, hours=hours)["layers"]
    assert officer.get(URL).json["items"] == [made.json]
    changed = officer.put(url, body(office, name="Nights"))
    assert (changed.status_code, changed.json["name"]) == (200, "Nights")
    assert changed.json["layers"] == body(office)["layers"]
    assert officer.delete(url).status_code == 200
    assert officer.get(url).status_code == 404


def test_the_spans_name_everybody_until_the_last_day(office: Office, officer: Browser):
    url = f"{URL}/{officer.post(URL, body(office)).json['id']}"
    found = officer.get(f"{url}/spans", days=21).json["items"]
    one, two = body(office)["layers"][0]["participants"]
    assert [span["user_id"] for span in found] == [one, two, one, two]
    for left, right in pairwise(found):
        assert left["ends_at"] == right["starts_at"]
    late = layered(office, starts_on="2026-11-30")
    assert officer.put(url, late).status_code == 200
    assert officer.get(f"{url}/spans").json["items"][0]["user_id"] is None


def test_an_override_stands_above_the_layers_until_it_is_deleted(
    office: Office, officer: Browser
):
    url = f"{URL}/{officer.post(URL, body(office)).json['id']}"
    second = str(office.street.second_officer.id)
    now = office.world.clock.now()
    span = {"starts_at": now.isoformat(), "ends_at": now.replace(year=2027).isoformat()}
    assert (
        officer.post(f"{url}/overrides", {**span, "user_id": second}).status_code == 422
    )
    span["ends_at"] = now.replace(month=12, day=1).isoformat()
    made = officer.post(f"{url}/overrides", {**span, "user_id": second})
    assert made.status_code == 201, made.json
    assert officer.get(f"{url}/overrides").json["items"] == [made.json]
    first = officer.get(f"{url}/spans").json["items"][0]
    assert (first["user_id"], first["then"]) == (
        second,
        [str(office.street.officer.id)],
    )
    again = officer.post(f"{url}/overrides", {**span, "user_id": second})
    assert again.status_code == 409
    assert "delete that one first" in again.json["detail"]
    assert officer.delete(f"{url}/overrides/{made.json['id']}").status_code == 200
    assert officer.delete(f"{url}/overrides/{made.json['id']}").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"hand_over": "24:00"},
        {"hand_over": "9:00"},
        {"hand_over": 9},
        {"turn_days": 0},
        {"turn_days": 367},
        {"participants": []},
        {"starts_on": "1999-12-31"},
        {"starts_on": "2100-01-01"},
        {"starts_on": "30 February"},
        {"hours": {"weekdays": [8], "begins": "18:00", "ends": "08:00"}},
        {"hours": {"weekdays": [], "begins": "18:00", "ends": "08:00"}},
        {"hours": {"weekdays": [1], "begins": "18:00"}},
    ],
)
def test_a_layer_that_makes_no_sense_is_refused(
    office: Office, officer: Browser, change: dict[str, Any]
):
    answer = officer.post(URL, layered(office, **change))
    assert answer.status_code == 422
    assert officer.get(URL).json["items"] == []


def test_a_rota_that_makes_no_sense_is_refused(office: Office, officer: Browser):
    for change in ({"layers": []}, {"name": " "}, {"time_zone": "Asia/Nowhere"}):
        assert officer.post(URL, body(office, **change)).status_code == 422, change
    zhou = layered(office, participants=[str(office.street.zhou.id)])
    answer = officer.post(URL, zhou)
    assert answer.json["fields"] == {"layers": ["only safety officers can be on call"]}


def test_problems_speak_chinese(office: Office, officer: Browser):
    chinese = {**officer.headers, "Accept-Language": "zh"}
    client = office.world.app.test_client()
    for wrong, said in (
        (body(office, time_zone="x"), "不是IANA时区"),
        (layered(office, hand_over="x"), "请填写当日时间"),
        (layered(office, starts_on="x"), "不是有效的日期"),
    ):
        answer = client.post(URL, json=wrong, headers=chinese)
        assert answer.status_code == 422
        assert said in str(answer.json)
    missing = f"{URL}/{office.street.visit.id}"
    detail = client.get(missing, headers=chinese).json["detail"]
    assert detail == "没有此值班表。"


def test_a_second_standing_rota_conflicts(office: Office, officer: Browser):
    assert officer.post(URL, body(office)).status_code == 201
    answer = officer.post(URL, body(office, name="Another"))
    assert answer.status_code == 409
    assert "standing" in answer.json["detail"]


def test_what_is_done_to_a_rota_stands_in_the_audit(office: Office, officer: Browser):
    made = officer.post(URL, body(office)).json["id"]
    officer.put(f"{URL}/{made}", body(office, name="Nights"))
    officer.delete(f"{URL}/{made}")
    rows = office[Role.AUDITOR].get("/v1/audit", limit=200).json["items"]
    acts = [one["action"] for one in rows if one["subject_id"] == made]
    assert sorted(acts) == ["rota.changed", "rota.created", "rota.deleted"]
